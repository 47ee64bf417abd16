/** `pryx edge setup-code`: what claims a new edge for its owner, once. */
import { randomBytes } from 'node:crypto';
import { makeCode, setupCodeLength } from '../../../shared/pairing/user-code.ts';
import type { CommandContext } from '../context.ts';

export async function edgeSetupCode({ output }: CommandContext): Promise<number> {
  const code = makeCode({ bytes: randomBytes }, setupCodeLength, 5);
  output.result({ setup_code: code }, code);
  // Piped into another program it would be seen by nobody, and it is typed in when the edge is claimed.
  if (!process.stdout.isTTY) output.say(`Set-up code: ${output.styleRemark('bold', code)}`);
  output.say('Whoever has it may claim the edge: npx wrangler secret put PRYX_SETUP_CODE (docs/deploy.md).');
  output.say('Type it in once, when you open the edge for the first time; afterwards it is good for nothing.');
  return 0;
}
