/** `pryx open`: where a `pryx://` link leads to. Whatever changes something is asked first: anybody can make a link. */
import { PryxError, exitCode } from '../../../shared/error.ts';
import { parseLink } from '../../../shared/links.ts';
import { readPairing } from '../ask-pairing.ts';
import type { CommandContext } from '../context.ts';
import { registerLinks } from '../register-links.ts';
import { askYesNo, waitForEnter } from '../terminal/ask-person.ts';

export interface OpenOptions {
  register?: boolean;
  /** From the desktop: the terminal that was opened for this closes with it. */
  wait?: boolean;
}

export async function open(context: CommandContext, link: string | undefined, options: OpenOptions): Promise<number> {
  if (options.register === true && link === undefined) return register(context);
  if (link === undefined || options.register === true)
    throw new PryxError('usage', 'pryx open takes one link, or --register.', {
      hint: 'For instance: pryx open pryx://status',
    });
  try {
    return await follow(context, link);
  } catch (error) {
    if (options.wait !== true || !(error instanceof PryxError)) throw error;
    // Now, while the window is open, instead of after it.
    context.output.fail(error);
    return exitCode(error);
  } finally {
    if (options.wait === true) await waitForEnter('\nPress Enter to close this window. ');
  }
}

async function follow(context: CommandContext, link: string): Promise<number> {
  const place = parseLink(link);
  switch (place.to) {
    case 'pair':
      return askAndPair(context, place.edge);
    case 'session':
      return (await import('./sessions.ts')).showSession(context, place.id);
    case 'settings':
      return (await import('./settings.ts')).settings(context);
    case 'devices':
      return (await import('./devices.ts')).devices(context);
    case 'status':
      return (await import('./status.ts')).status(context, {});
    case 'pairing-done':
      return tellPairing(context);
  }
}

async function askAndPair(context: CommandContext, edge: string): Promise<number> {
  context.output.say(
    `A link asks to pair this device with ${context.output.styleRemark('bold', edge)}.\nWhoever owns that edge can send messages to this device.\nGo on only if it is yours.`,
  );
  const answer = await askYesNo('Is it yours?');
  if (answer === undefined)
    throw new PryxError('usage', 'There is nobody at a terminal to ask.', {
      hint: `If the edge is yours: pryx pair --edge ${edge}`,
    });
  if (answer) return (await import('./pair.ts')).pair(context, { edge });
  context.output.result({ state: 'none' }, 'Nothing was paired.');
  return 1;
}

/** After the page has said so: what the daemon knows of it. */
async function tellPairing({ home, output }: CommandContext): Promise<number> {
  const pairing = await readPairing(home);
  if (pairing.state === 'paired') {
    output.result(pairing, `${output.style('green', '●')} This device is paired with ${pairing.edge}.`);
    return 0;
  }
  output.result(
    pairing,
    pairing.state === 'waiting'
      ? 'This device still waits for the approval.'
      : 'This device is not paired: `pryx pair`.',
  );
  return 4;
}

function register({ output }: CommandContext): number {
  const done = registerLinks({
    platform: process.platform,
    env: process.env,
    program: [process.execPath, process.argv[1] ?? ''],
  });
  output.result(done, done.words.join('\n'));
  return 0;
}
