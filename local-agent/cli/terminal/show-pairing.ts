/** What a person needs to approve this device: code as picture and text, and the words to compare. Fits 80 columns and 24 rows. */
import type { PairingState } from '../../../shared/api/pairing.ts';
import { formatDuration } from './amounts.ts';
import { drawCode } from './draw-code.ts';
import { type Output, harmless } from './output.ts';
import { cutText, widthOf } from './wrap-text.ts';

type WaitingPairing = Extract<PairingState, { state: 'waiting' }>;

const gap = 2;
const margin = ' ';

/** The picture on the left, where there is room beside it; otherwise below. None of an address that no phone can reach. */
export function showPairing(pairing: WaitingPairing, columns: number, style: Output['style']): string {
  if (new URL(pairing.verification_uri).hostname === 'localhost') {
    const address = style('cyan', harmless(pairing.verification_uri_complete));
    return ['', ...describe(pairing, ['Open this on this machine:', address], style).map(indent), ''].join('\n');
  }
  const picture = drawCode(pairing.verification_uri_complete, style);
  const words = describe(pairing, ['Scan this with your phone.'], style);
  const widest = Math.max(...words.map(widthOf));
  const body =
    margin.length + picture.width + gap + widest <= columns
      ? beside(picture, words)
      : [...words, '', ...picture.lines].map(indent);
  const address = `${style('dim', 'No camera? Open')} ${style('cyan', harmless(pairing.verification_uri))} ${style('dim', 'and type the code.')}`;
  return ['', ...body, indent(address)].join('\n');
}

const indent = (line: string): string => (line === '' ? '' : `${margin}${line}`);

function describe(
  { user_code, words, device_name, platform }: WaitingPairing,
  [open = '', ...address]: string[],
  style: Output['style'],
): string[] {
  const [first = '', second = '', ...others] = words.map((word) => style('bold', harmless(word)));
  return [
    style('bold', 'Pair this device with your edge'),
    '',
    `${style('cyan', '1')}  ${open}`,
    ...address.map((line) => `   ${line}`),
    '',
    `${style('cyan', '2')}  The page shows this device:`,
    `   ${cut(device_name)}`,
    `   ${style('dim', cut(platform))}`,
    '',
    '   and these very words:',
    `   ${first} ${second}`,
    `   ${others.join(' ')}`,
    '',
    `${style('cyan', '3')}  They are the same? Approve.`,
    '   If not, deny.',
    '',
    `${style('dim', 'Code')}  ${style(['bold', 'green'], spaced(user_code))}`,
  ];
}

const longestName = 32;
const cut = (text: string): string => cutText(harmless(text), longestName);

/** `BCDF-GHJK`, wide enough to be read aloud. */
const spaced = (code: string): string => [...harmless(code)].join(' ');

function beside(picture: { lines: string[]; width: number }, words: readonly string[]): string[] {
  const rows = Math.max(picture.lines.length, words.length);
  const above = Math.max(0, Math.floor((rows - words.length) / 2));
  return Array.from({ length: rows }, (_, row) => {
    const left = picture.lines[row] ?? ' '.repeat(picture.width);
    return `${margin}${left}${' '.repeat(gap)}${words[row - above] ?? ''}`.trimEnd();
  });
}

/** The one line that changes. */
export const showCountdown = ({ expires_at }: WaitingPairing, now: number): string =>
  `Waiting for your approval · ${formatDuration(Math.max(0, expires_at - now))} left · Ctrl-C gives it up`;
