/** `GET /.well-known/jwks.json` (RFC 7517): the keys that a device pins when it is paired. */
import type { Context } from 'hono';
import type { EdgeContext } from '../environment.ts';
import { answerJson } from '../guard/answer.ts';

export function showJwks(c: Context<EdgeContext>): Response {
  return answerJson(200, c.var.keyring.jwks);
}
