/** What a command says: its result on standard output, all else on standard error. With --json the result is one JSON document. */
import { styleText } from 'node:util';
import { type PryxError, errorBody } from '../../../shared/error.ts';

export type Style = Parameters<typeof styleText>[0];

export interface Output {
  json: boolean;
  /** The result: as JSON, or as text made for people. */
  result: (document: unknown, text: string) => void;
  /** A remark on the way, or a hint. Not part of the result. */
  say: (text: string) => void;
  fail: (error: PryxError) => void;
  /** Styles for the result, and for remarks; plain where nobody would see them (NO_COLOR, no terminal). */
  style: (style: Style, text: string) => string;
  styleRemark: (style: Style, text: string) => string;
}

export interface Streams {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

export function createOutput({ stdout, stderr }: Streams, json: boolean): Output {
  const style = (to: NodeJS.WriteStream) => (name: Style, text: string) => styleText(name, text, { stream: to });
  const print = (document: unknown): void => {
    // A program reads lines, a person reads what is laid out.
    stdout.write(`${escapeControls(JSON.stringify(document, null, stdout.isTTY ? 2 : 0))}\n`);
  };
  const styleRemark = style(stderr);
  return {
    json,
    result: (document, text) => (json ? print(document) : void stdout.write(text === '' ? '' : `${text}\n`)),
    say: (text) => void stderr.write(`${text}\n`),
    fail(error) {
      if (json) return print(errorBody(error));
      stderr.write(`${styleRemark('red', 'error')} ${styleRemark('bold', error.code)}  ${harmless(error.message)}\n`);
      if (error.hint !== undefined) stderr.write(`  ${styleRemark('cyan', 'next:')} ${harmless(error.hint)}\n`);
    },
    style: style(stdout),
    styleRemark,
  };
}

/** Without what a terminal would obey: texts come from other machines too. Tabs and line ends become spaces. */
export const harmless = (text: string): string =>
  text.replace(/[\t\n\r]+/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');

/** The same document. JSON itself escapes only what lies below U+0020, and a terminal obeys more than that. */
const escapeControls = (json: string): string =>
  json.replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (sign) => String.raw`\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
