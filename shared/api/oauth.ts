/** How a device asks to be paired, and for tokens: RFC 8628 with the bindings of RFC 9449. Requests are forms, answers are JSON. */
import * as z from 'zod';
import { shownName } from '../pairing/names.ts';

/** The one client there is: a public one (RFC 6749, section 2.1). */
export const deviceClientId = 'pryx-device';
/** The one scope there is. */
export const deviceScope = 'device';
export const deviceCodeGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** Where everything is; the rest of a base URL is the origin. */
export const oauthPaths = {
  metadata: '/.well-known/oauth-authorization-server',
  deviceAuthorization: '/oauth/device_authorization',
  token: '/oauth/token',
  revocation: '/oauth/revoke',
  verification: '/pair',
} as const;

/** 32 bytes in base64url, in their one spelling. */
export const thumbprintText = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/);

/** `POST /oauth/device_authorization` (RFC 8628, section 3.1). Beside `client_id` and `scope`, what the owner is shown and what the codes are bound to. */
export const deviceAuthorizationRequest = z.object({
  client_id: z.literal(deviceClientId),
  scope: z.literal(deviceScope).optional(),
  /** RFC 7638 thumbprint of the identity key: only its proofs redeem the code (RFC 9449, section 10). */
  dpop_jkt: thumbprintText,
  /** The public X25519 key (JWK as JSON) that jobs are sealed to. */
  sealing_key: z.string().max(512),
  device_name: shownName,
  device_platform: shownName,
});

/** RFC 8628, section 3.2. Times in seconds. */
export const deviceAuthorizationResponse = z.object({
  device_code: z.string().min(1).max(256),
  user_code: z.string().min(1).max(64),
  verification_uri: z.url().max(2048),
  verification_uri_complete: z.url().max(2048).optional(),
  expires_in: z.int().positive(),
  interval: z.int().positive().default(5),
});
export type DeviceAuthorizationResponse = z.infer<typeof deviceAuthorizationResponse>;

/** RFC 6749, section 5.1, with the type of RFC 9449, section 5. Tokens are such as fit into a header and a form (section 7.1; RFC 6749, A.17). */
export const tokenResponse = z.object({
  access_token: z
    .string()
    .max(2048)
    .regex(/^[\x21-\x7e]+$/),
  /** In any case, says RFC 6749. */
  token_type: z.string().regex(/^DPoP$/i),
  /** Seconds. */
  expires_in: z.int().positive(),
  refresh_token: z
    .string()
    .max(512)
    .regex(/^[\x20-\x7e]+$/),
  scope: z.string().optional(),
});
export type TokenResponse = z.infer<typeof tokenResponse>;

/** RFC 6749, section 5.2; RFC 8628, section 3.5; RFC 7009, section 2.2.1; RFC 9449, sections 5 and 8. */
export const oauthErrors = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_token_type',
  'invalid_scope',
  'authorization_pending',
  'slow_down',
  'access_denied',
  'expired_token',
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'server_error',
  'temporarily_unavailable',
] as const;
export type OAuthErrorCode = (typeof oauthErrors)[number];
export const oauthError = z.object({ error: z.string(), error_description: z.string().optional() });

/** RFC 8414, section 2: what a device reads of it. */
export const serverMetadata = z.object({
  issuer: z.url(),
  token_endpoint: z.url(),
  device_authorization_endpoint: z.url(),
  revocation_endpoint: z.url(),
  jwks_uri: z.url(),
  grant_types_supported: z.array(z.string()),
  dpop_signing_alg_values_supported: z.array(z.string()),
});
