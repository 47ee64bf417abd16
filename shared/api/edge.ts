/** What a device asks of its edge over HTTPS, beside the link. All but the keys carry `Authorization: DPoP` and a proof. */
import * as z from 'zod';
import { maxSigningKeys, maxStatementLength, maxStatements } from '../wire/key-statement.ts';
import { privateSealingJwk } from '../wire/seal.ts';
import { privateSigningJwk, signingJwk } from '../wire/signature.ts';

/** `GET /.well-known/jwks.json`: the edge's signing keys (RFC 7517), newest first; `kid` is the RFC 7638 thumbprint. */
export const jwksResponse = z.object({
  keys: z
    .array(signingJwk.extend({ kid: z.string(), alg: z.literal('Ed25519'), use: z.literal('sig') }))
    .min(1)
    .max(maxSigningKeys),
  /** Number of the last statement about them, 0 for none: these keys say no less than every statement up to it. */
  statement: z.int().nonnegative().default(0),
});
export type JwksResponse = z.infer<typeof jwksResponse>;

/**
 * `PUT /hooks/telegram/:bot`: registers, or changes, the hook of one bot. The edge keeps the hash of the secret, never the secret.
 * `answered_users`: Telegram user ids that the device answers; only their private chats are told "typing" or that a message is kept.
 * The edge stores them hashed.
 */
export const putTelegramHookRequest = z.strictObject({
  /** SHA-256 of the secret token, base64url. */
  secret_sha256: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  answered_users: z.array(z.int()).max(256),
});
export const putTelegramHookResponse = z.object({ url: z.url() });

/** `GET /device`: the mailbox as its device may see it. */
export const mailboxStatus = z.object({
  device_id: z.string(),
  connected: z.boolean(),
  queued: z.object({ jobs: z.int(), bytes: z.int() }),
  in_flight: z.int(),
  last_sequence: z.int(),
  refused: z.int(),
  last_contact: z.number().nullable(),
});
export type MailboxStatus = z.infer<typeof mailboxStatus>;

/** The secret `PRYX_EDGE_KEYS` of a Worker, as JSON: its signing keys (the first one signs), the key that marks hook addresses, and statements. */
export const edgeKeys = z.strictObject({
  signing: z.array(privateSigningJwk).min(1).max(maxSigningKeys),
  /** 32 bytes, base64url: HMAC-SHA-256 key of hook addresses and of hashed user ids. */
  hook: z.string().length(43),
  /** How older signing keys introduced newer ones (`shared/wire/key-statement.ts`), oldest first: what a paired device follows. */
  statements: z.array(z.string().max(maxStatementLength)).max(maxStatements).optional(),
});
export type EdgeKeys = z.infer<typeof edgeKeys>;

/** What a device holds of its own: made on the device, never sent. */
export const deviceKeys = z.strictObject({ identity: privateSigningJwk, sealing: privateSealingJwk });
export type DeviceKeys = z.infer<typeof deviceKeys>;
