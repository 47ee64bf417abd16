/** The edge's only log line: something unforeseen happened, and where. Never what was sent, to which hook, or by whom. */
import type { PryxError } from '../../shared/error.ts';

/** The message of a foreign error may quote its input, so its class and its stack are written and its message is not. */
export function logInternal(error: PryxError): void {
  const cause = error.cause;
  const name = cause instanceof Error ? cause.name : typeof cause;
  const stack =
    cause instanceof Error
      ? (cause.stack ?? '')
          .split('\n')
          .filter((line) => /^\s+at /.test(line))
          .slice(0, 8)
          .map((line) => line.trim())
      : [];
  // oxlint-disable-next-line no-console -- Workers have no other log.
  console.error(JSON.stringify({ level: 'error', event: 'edge.internal', name, stack }));
}
