/** One thing that must hold in Node and in workerd alike: it throws when it does not. Knows neither vitest nor Node, since it runs in both. */
import { type ErrorCode, PryxError } from '../../shared/error.ts';

export interface Case {
  title: string;
  run(): void | Promise<void>;
  /** Set when the case is about one runtime only. */
  only?: 'workerd';
}

export function check(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

/** Compares by what JSON shows of both. */
export function checkEqual(actual: unknown, expected: unknown): void {
  const [shown, wanted] = [show(actual), show(expected)];
  check(shown === wanted, `got ${shown.slice(0, 400)} instead of ${wanted.slice(0, 400)}`);
}

/** Holds when `act` throws a PryxError with `code`, and nothing else. */
export async function checkRefused(code: ErrorCode, act: () => unknown): Promise<void> {
  let outcome: unknown = 'no error';
  try {
    await act();
  } catch (error) {
    outcome = error;
  }
  check(outcome instanceof PryxError, `got ${String(outcome)} instead of a PryxError`);
  checkEqual(outcome.code, code);
}

/** `undefined` and functions have no JSON. */
const show = (value: unknown): string => JSON.stringify(value) ?? typeof value;
