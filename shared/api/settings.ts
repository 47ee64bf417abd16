/** `GET /settings` of the daemon: the variables of its environment and what is made of them. Never a secret. */
import * as z from 'zod';

export const settingEntry = z.object({
  /** As in `.env.example`. */
  name: z.string(),
  /** `set`: as somebody wished; `default`: in effect without anybody having wished it; `off`: nothing is in effect. */
  state: z.enum(['set', 'default', 'off']),
  secret: z.boolean(),
  /** What is in effect, without what an address may hold of a password or a key; null when nothing is, and for every secret. */
  value: z.string().nullable(),
  /** Why it would not count, were it set. */
  why: z.string().nullable(),
});
export type SettingEntry = z.infer<typeof settingEntry>;

export const settingsResponse = z.object({ variables: z.array(settingEntry) });
export type SettingsResponse = z.infer<typeof settingsResponse>;
