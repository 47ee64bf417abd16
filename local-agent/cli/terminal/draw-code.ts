/** An address as a QR code for a terminal: white paper and black ink, whatever the colours of the terminal are. */
import { renderUnicodeCompact } from 'uqr';
import type { Output } from './output.ts';

/** Lines of equal width. `style` is that of the stream it goes to. */
export function drawCode(address: string, style: Output['style']): { lines: string[]; width: number } {
  const plain = renderUnicodeCompact(address, { ecc: 'L', border: 2 }).split('\n');
  return {
    lines: plain.map((line) => style(['whiteBright', 'bgBlack'], line)),
    width: plain[0]?.length ?? 0,
  };
}
