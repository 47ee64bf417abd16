/** The settings as their owner reads them, a variable a row, in the order of .env.example. What is secret is only there or not. */
import type { SettingEntry } from '../../shared/api/settings.ts';
import { Secret, type Settings, readDefaults } from './settings.ts';

interface Variable {
  name: string;
  secret?: true;
  /** What is in effect; null when nothing is. */
  read: (settings: Settings) => string | Secret | null;
  /** Why it does not count, whatever it is set to. */
  whyNot?: (settings: Settings) => string | null;
}

export function describeSettings(settings: Settings): SettingEntry[] {
  const defaults: Record<string, unknown> = readDefaults();
  return variables.map(({ name, secret = false, read, whyNot }) => {
    const why = whyNot?.(settings) ?? null;
    const value = why === null ? read(settings) : null;
    const usual = String(defaults[name]);
    return {
      name,
      state: value === null ? 'off' : value === usual ? 'default' : 'set',
      secret,
      value: value instanceof Secret ? null : value,
      why,
    };
  });
}

const needsBot = ({ telegram }: Settings): string | null => (telegram === null ? 'needs TELEGRAM_BOT_TOKEN' : null);
const needsWebhook = (settings: Settings): string | null =>
  needsBot(settings) ?? (settings.telegram?.polling === true ? 'PRYX_TELEGRAM_POLLING is true' : null);
const needsService = ({ model }: Settings): string | null => (model === null ? 'needs PRYX_MODEL_BASE_URL' : null);
const needsNoService = ({ model }: Settings): string | null => (model === null ? null : 'PRYX_MODEL_BASE_URL is set');

const variables: readonly Variable[] = [
  { name: 'PRYX_HOME', read: ({ home }) => home },
  { name: 'PRYX_PORT', read: ({ port }) => String(port) },
  { name: 'PRYX_LOG_LEVEL', read: ({ logLevel }) => logLevel },
  { name: 'PRYX_EDGE_URL', read: ({ edge }) => edge?.origin ?? null },
  { name: 'TELEGRAM_BOT_TOKEN', secret: true, read: ({ telegram }) => telegram?.botToken ?? null },
  { name: 'TELEGRAM_OWNER_ID', read: ({ telegram }) => telegram?.ownerId ?? null, whyNot: needsBot },
  { name: 'TELEGRAM_API_ROOT', read: ({ telegram }) => showAddress(telegram?.apiRoot), whyNot: needsBot },
  { name: 'TELEGRAM_WEBHOOK_URL', read: ({ telegram }) => showAddress(telegram?.webhookUrl), whyNot: needsWebhook },
  {
    name: 'TELEGRAM_WEBHOOK_SECRET',
    secret: true,
    read: ({ telegram }) => telegram?.webhookSecret ?? null,
    whyNot: needsWebhook,
  },
  { name: 'TELEGRAM_TLS_GROUPS', read: ({ telegram }) => telegram?.tlsGroups ?? null, whyNot: needsBot },
  { name: 'PRYX_TELEGRAM_POLLING', read: ({ telegram }) => String(telegram?.polling), whyNot: needsBot },
  { name: 'PRYX_MODEL_BASE_URL', read: ({ model }) => showAddress(model?.baseUrl) },
  { name: 'PRYX_MODEL', read: ({ model }) => model?.model ?? null, whyNot: needsService },
  { name: 'PRYX_MODEL_API_KEY', secret: true, read: ({ model }) => model?.apiKey ?? null, whyNot: needsService },
  {
    name: 'PRYX_LOCAL_MODELS',
    read: ({ localModels }) => (localModels.length === 0 ? 'off' : localModels.map(showAddress).join(',')),
    whyNot: needsNoService,
  },
];

/** Some put a password before the host, or a key behind the path: of those only `…` is shown, and of what is no address, too. */
function showAddress(text: string): string;
function showAddress(text: string | null | undefined): string | null;
function showAddress(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return '…';
  const { username, password, search, hash } = url;
  if (`${username}${password}${search}${hash}` === '') return text;
  const user = `${username}${password}` === '' ? '' : '…@';
  return `${url.protocol}//${user}${url.host}${url.pathname}${`${search}${hash}` === '' ? '' : '?…'}`;
}
