/** The description of a refusal, as grammY hands it on. Throws when there was none. */
import { GrammyError } from 'grammy';

export async function refusedWith(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GrammyError)) throw new Error('Expected a refusal of the Bot API.', { cause: error });
  return error.description;
}
