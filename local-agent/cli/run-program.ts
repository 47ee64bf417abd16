/** Runs one command: its exit code, its errors, and the news of the log. */
import { CommanderError } from 'commander';
import { PryxError, codeOf, exitCode, toPryxError } from '../../shared/error.ts';
import type { CommandContext, LoadDaemon } from './context.ts';
import { findHome } from './home.ts';
import { countNews } from './log/news.ts';
import { createProgram } from './program.ts';
import { formatCount } from './terminal/amounts.ts';
import { type Output, createOutput } from './terminal/output.ts';

/** Resolves to the exit code: 0 done, 1 failed, 2 wrong use, 3 daemon not running, 4 needs approval or pairing, 5 unhealthy. Never throws. */
export async function runProgram(args: readonly string[], deps: { loadDaemon: LoadDaemon }): Promise<number> {
  // Looked for here, since an error may come before the arguments are understood.
  const output = createOutput(process, args.includes('--json'));
  stopWithReader();
  let code = 0;
  const program = createProgram(async (run, { quiet = false } = {}) => {
    const { home: folder }: { home?: string } = program.opts();
    const context = { home: findHome(folder), output };
    code = await run(context).catch((error: unknown) => fail(error, output));
    if (!quiet) tellNews(context);
  }, deps.loadDaemon);
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return fail(error, output);
  }
}

function fail(error: unknown, output: Output): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const known = error instanceof CommanderError ? explainUsage(error) : toPryxError(error);
  output.fail(known);
  if (known.code === 'internal' && known.cause instanceof Error) output.say(known.cause.stack ?? known.cause.message);
  return exitCode(known);
}

function explainUsage(error: CommanderError): PryxError {
  if (error.code === 'commander.help')
    return new PryxError('usage', 'This needs another word.', { hint: 'See pryx --help.' });
  const [message = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = /Did you mean (.+)\?/.exec(rest.join(' '))?.[1];
  const hint = suggestion === undefined ? 'See pryx --help.' : `Did you mean ${suggestion}? See pryx --help.`;
  return new PryxError('usage', `${message.charAt(0).toUpperCase()}${message.slice(1)}.`.replace(/\.\.$/, '.'), {
    hint,
  });
}

function tellNews({ home, output }: CommandContext): void {
  const { warnings, errors } = countNews(home);
  const parts = [
    errors > 0 && output.styleRemark('red', formatCount(errors, 'error', 'errors')),
    warnings > 0 && output.styleRemark('yellow', formatCount(warnings, 'warning', 'warnings')),
  ].filter((part) => part !== false);
  if (parts.length > 0) output.say(`New in the log: ${parts.join(' and ')}. See pryx logs.`);
}

/** `pryx logs | head`: when nobody reads any more there is nothing left to do. */
function stopWithReader(): void {
  process.stdout.on('error', (error) => {
    if (codeOf(error) === 'EPIPE') process.exit(0);
  });
}
