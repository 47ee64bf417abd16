/** Calls between the Worker and its Durable Objects by RPC. An error loses its class on the way, so it travels as a value. */
import { PryxError, errorBody, toPryxError } from '../../shared/error.ts';
import { logInternal } from '../guard/log.ts';

export type Answer<T> = { value: T } | ReturnType<typeof errorBody>;

/** What an object shows over RPC of its plain functions. */
export type Remote<Core> = {
  [Name in keyof Core]: Core[Name] extends (...given: infer Given) => infer Result
    ? (...given: Given) => Promise<Answer<Awaited<Result>>>
    : never;
};

/** In the object: what `work` returns or throws. */
export async function answer<T>(work: () => T | Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await work() };
  } catch (thrown) {
    const error = toPryxError(thrown);
    if (error.code === 'internal') logInternal(error);
    return errorBody(error);
  }
}

/** In the Worker: the value, or the error thrown anew. */
export async function read<T>(answering: Promise<Answer<T>>): Promise<T> {
  const answered = await answering;
  if ('value' in answered) return answered.value;
  const { code, message, hint } = answered.error;
  throw new PryxError(code, message, hint === undefined ? {} : { hint });
}
