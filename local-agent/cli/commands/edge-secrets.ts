/** `pryx edge keygen` and `pryx edge setup-code`: what a new edge is given, and what claims it for its owner, once. */
import { randomBytes } from 'node:crypto';
import { makeCode, setupCodeLength } from '../../../shared/pairing/user-code.ts';
import type { CommandContext } from '../context.ts';
import { generateEdgeKeys } from '../edge/generate-keys.ts';

export async function edgeKeygen({ output }: CommandContext): Promise<number> {
  const keys = await generateEdgeKeys();
  output.result(keys, JSON.stringify(keys));
  output.say(
    output.styleRemark(
      'dim',
      'Whoever has these can speak for your edge: npx wrangler secret put PRYX_EDGE_KEYS (docs/deploy.md).',
    ),
  );
  return 0;
}

export async function edgeSetupCode({ output }: CommandContext): Promise<number> {
  const code = makeCode({ bytes: randomBytes }, setupCodeLength, 5);
  output.result({ setup_code: code }, code);
  // Piped into another program it would be seen by nobody, and it is typed in when the edge is claimed.
  if (!process.stdout.isTTY) output.say(`Set-up code: ${output.styleRemark('bold', code)}`);
  output.say('Whoever has it may claim the edge: npx wrangler secret put PRYX_SETUP_CODE (docs/deploy.md).');
  output.say('Type it in once, when you open the edge for the first time; afterwards it is good for nothing.');
  return 0;
}
