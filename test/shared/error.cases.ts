import {
  PryxError,
  chatSentence,
  errorBody,
  errorCodes,
  exitCode,
  httpStatus,
  toPryxError,
} from '../../shared/error.ts';
import { type Case, check, checkEqual } from './case.ts';

export const cases: readonly Case[] = [
  {
    title: 'every code has an HTTP status, an exit code and a sentence for the chat',
    run() {
      for (const [code, { status, exit, chat }] of Object.entries(errorCodes)) {
        check(status >= 400 && status <= 599, `${code}: status ${status}`);
        // docs/README.md: 1 failed, 2 wrong use, 3 not running, 4 needs approval or pairing, 5 unhealthy.
        check(exit >= 1 && exit <= 5, `${code}: exit ${exit}`);
        check(/^[A-Z].*\.$/.test(chat) && !chat.includes(code), `${code}: ${chat}`);
      }
    },
  },
  {
    title: 'an error is translated for each surface by its code',
    run() {
      const error = new PryxError('daemon_not_running', 'Pryx is not running.', { hint: 'Start it.' });
      checkEqual([httpStatus(error), exitCode(error), chatSentence(error)], [503, 3, 'I am not running.']);
      checkEqual(errorBody(error), {
        error: { code: 'daemon_not_running', message: 'Pryx is not running.', hint: 'Start it.' },
      });
    },
  },
  {
    title: 'the body of an error shows neither its cause nor an empty hint',
    run() {
      const error = new PryxError('internal', 'It failed.', { cause: new Error('my secret') });
      checkEqual(errorBody(error), { error: { code: 'internal', message: 'It failed.' } });
    },
  },
  {
    title: 'what was not foreseen becomes internal, its details kept for the log alone',
    run() {
      for (const thrown of [new TypeError('my secret'), 'my secret', undefined, null, 7]) {
        const error = toPryxError(thrown);
        checkEqual([error.code, error.cause === thrown], ['internal', true]);
        check(!JSON.stringify(errorBody(error)).includes('secret'), 'the body says too much');
      }
    },
  },
  {
    title: 'a PryxError is itself an Error, and stays the one it is',
    run() {
      const error = new PryxError('conflict', 'Twice.');
      check(error instanceof Error && error.name === 'PryxError' && toPryxError(error) === error, String(error));
      check(!('cause' in error), 'it has a cause that nobody gave');
    },
  },
];
