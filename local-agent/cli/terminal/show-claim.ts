/** The one-time link that makes whoever opens it the owner of the bot, as text and QR code, while there is no owner. */
import type { CliHome } from '../home.ts';
import { askDaemon } from '../ask-daemon.ts';
import type { Output } from './output.ts';

/** Empty when there is an owner, or no bot to own. */
export async function showClaim(home: CliHome, style: Output['style']): Promise<string> {
  const answer = await askDaemon(home, { path: '/claim' });
  const url = typeof answer === 'object' && answer !== null && 'url' in answer ? answer.url : null;
  if (typeof url !== 'string') return '';
  // Needed once in the life of a device.
  const { drawCode } = await import('./draw-code.ts');
  const picture = drawCode(url, style).lines.join('\n');
  return `\nOpen this link once, from Telegram, to become the owner of the bot. It is good for an hour.\n\n  ${url}\n\n${picture}\n`;
}
