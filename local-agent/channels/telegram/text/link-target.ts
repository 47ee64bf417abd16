/** Which targets may hide behind a link's words. */

/**
 * The address as Telegram takes it in a `text_link`, or `undefined` when it would not: such a target is shown instead. Telegram's own
 * check (TDLib, `LinkManager::check_link`) knows http, https and tg; it wants a dot in the host, and answers 400 for the whole
 * message otherwise. `mailto:` it reads as a user name before a host, so that the link would lead elsewhere; an address that is shown
 * it links by itself.
 */
export function linkTarget(href: string): string | undefined {
  if (/^tg:(?:\/\/)?[A-Za-z0-9_-]+(?:[/?#]\S*)?$/i.test(href)) return href;
  if (!/^https?:\/\//i.test(href) || !URL.canParse(href)) return undefined;
  const url = new URL(href);
  return url.hostname.replace(/\.$/, '').includes('.') || url.hostname.startsWith('[') ? url.href : undefined;
}
