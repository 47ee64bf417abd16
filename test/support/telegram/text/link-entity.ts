/** A link written in markup: a mention for `tg://user?id=…`, nothing when the address is none (`LinkManager::get_checked_link` of TDLib). */
import type { MessageEntity } from 'grammy/types';

export function linkEntity(url: string, offset: number, length: number): MessageEntity[] {
  const user = /^tg:(?:\/\/)?user\?id=(\d+)$/i.exec(url)?.[1];
  if (user !== undefined)
    return [{ type: 'text_mention', offset, length, user: { id: Number(user), is_bot: false, first_name: '' } }];
  const address = checkLink(url);
  return address === undefined ? [] : [{ type: 'text_link', offset, length, url: address }];
}

function checkLink(url: string): string | undefined {
  if (/^(tg|ton|tonsite):/i.test(url)) return url;
  const address = /^https?:\/\//i.test(url) ? url : `http://${url}`;
  if (!URL.canParse(address)) return undefined;
  const { host, href } = new URL(address);
  return host.includes('.') || host.startsWith('[') ? href : undefined;
}
