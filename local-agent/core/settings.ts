/** Everything that can be set from outside, read once from the environment (.env.example lists it). */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { PryxError } from '../../shared/error.ts';
import { readEdgeOrigin } from './edge-origin.ts';

/** A text that must not be shown: it prints as `[secret]` wherever it ends up, and gives itself only to `reveal()`. */
export class Secret {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  reveal(): string {
    return this.#text;
  }
  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}

const secret = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));
const origin = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ''));
const edgeOrigin = z.string().transform((text, context) => {
  const read = readEdgeOrigin(text);
  if (read !== undefined) return read;
  context.addIssue({ code: 'custom', message: 'is not an https address, nor an http one of this machine' });
  return z.NEVER;
});
const port = z.coerce.number().int().min(0).max(65_535);

const environment = z.object({
  PRYX_HOME: z.string().min(1).optional(),
  PRYX_PORT: port.default(7717),
  PRYX_EDGE_URL: edgeOrigin.optional(),
  TELEGRAM_BOT_TOKEN: z
    .string()
    .regex(/^\d{1,20}:[A-Za-z0-9_-]{20,}$/, 'does not look like the token that BotFather gives')
    .transform((text) => new Secret(text))
    .optional(),
  TELEGRAM_OWNER_ID: z
    .string()
    .regex(/^\d{1,16}$/, 'is not a numeric user id')
    .optional(),
  TELEGRAM_API_ROOT: origin.default('https://api.telegram.org'),
  TELEGRAM_WEBHOOK_URL: z.url().optional(),
  TELEGRAM_WEBHOOK_SECRET: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,256}$/, 'may hold only A-Z a-z 0-9 _ -, at most 256 of them')
    .transform((text) => new Secret(text))
    .optional(),
  TELEGRAM_TLS_GROUPS: z
    .string()
    .regex(/^[A-Za-z0-9:_?*/-]{1,128}$/)
    .optional(),
  PRYX_TELEGRAM_POLLING: z.stringbool().default(false),
  PRYX_MODEL_BASE_URL: origin.optional(),
  PRYX_MODEL: z.string().min(1).optional(),
  PRYX_MODEL_API_KEY: secret.optional(),
  /** Where local model servers are looked for: base URLs separated by commas, or `off`. */
  PRYX_LOCAL_MODELS: z.string().default('http://127.0.0.1:11434/v1,http://127.0.0.1:8080/v1'),
  PRYX_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export interface Settings {
  home: string;
  port: number;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** The one to use whatever was paired last. */
  edge: { origin: string } | null;
  telegram: {
    botToken: Secret;
    /** Numeric part of the token: the bot's user id. */
    botId: string;
    ownerId: string | null;
    apiRoot: string;
    webhookUrl: string | null;
    webhookSecret: Secret | null;
    polling: boolean;
    /** Key-share groups of TLS in OpenSSL's notation; null: what Node offers. */
    tlsGroups: string | null;
  } | null;
  model: { baseUrl: string; model: string | null; apiKey: Secret | null } | null;
  localModels: string[];
}

const defaultHome = (): string => join(homedir(), '.pryx');

/** What counts where nothing is set, by the names of the variables. */
export const readDefaults = () => ({ ...environment.parse({}), PRYX_HOME: defaultHome() });

/** Throws `config_invalid` naming the variable, never its value. An empty variable counts as not set. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(set);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new PryxError(
      'config_invalid',
      `${String(issue?.path[0])} ${issue?.code === 'invalid_format' || issue?.code === 'custom' ? issue.message : 'is not valid'}.`,
      {
        hint: 'See .env.example for what each variable takes.',
      },
    );
  }
  const values = parsed.data;
  return {
    home: resolve(values.PRYX_HOME ?? defaultHome()),
    port: values.PRYX_PORT,
    logLevel: values.PRYX_LOG_LEVEL,
    edge: values.PRYX_EDGE_URL === undefined ? null : { origin: values.PRYX_EDGE_URL },
    telegram:
      values.TELEGRAM_BOT_TOKEN === undefined
        ? null
        : {
            botToken: values.TELEGRAM_BOT_TOKEN,
            botId: values.TELEGRAM_BOT_TOKEN.reveal().split(':', 1)[0] ?? '',
            ownerId: values.TELEGRAM_OWNER_ID ?? null,
            apiRoot: values.TELEGRAM_API_ROOT,
            webhookUrl: values.TELEGRAM_WEBHOOK_URL ?? null,
            webhookSecret: values.TELEGRAM_WEBHOOK_SECRET ?? null,
            polling: values.PRYX_TELEGRAM_POLLING,
            tlsGroups: values.TELEGRAM_TLS_GROUPS ?? null,
          },
    model:
      values.PRYX_MODEL_BASE_URL === undefined
        ? null
        : {
            baseUrl: values.PRYX_MODEL_BASE_URL,
            model: values.PRYX_MODEL ?? null,
            apiKey: values.PRYX_MODEL_API_KEY ?? null,
          },
    localModels:
      values.PRYX_LOCAL_MODELS === 'off' ? [] : values.PRYX_LOCAL_MODELS.split(',').map((text) => text.trim()),
  };
}
