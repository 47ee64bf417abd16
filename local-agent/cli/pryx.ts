#!/usr/bin/env node
/**
 * The command `pryx`, and the daemon too: the entry of the bundle. What is imported here is loaded by every command, and must be
 * understood by a Node that is too old for the rest.
 */
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { explainOldNode } from './check-node.ts';

const tooOld = explainOldNode(process.versions.node);
if (tooOld === undefined) {
  // Beside the bundle, where whoever can write could change the bundle itself; Node's own place for it is a folder that all share.
  if (import.meta.filename.endsWith('.js')) nodeModule.enableCompileCache(join(import.meta.dirname, '.compile-cache'));
  const { runProgram } = await import('./run-program.ts');
  process.exitCode = await runProgram(process.argv.slice(2), { loadDaemon: () => import('../main.ts') });
} else {
  const error = {
    code: 'unavailable',
    message: tooOld,
    hint: 'Install Node 24.21 or newer (https://nodejs.org), or start Pryx with `npx pryx` in its folder.',
  };
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error })}\n`);
  else process.stderr.write(`error ${error.code}  ${error.message}\n  next: ${error.hint}\n`);
  process.exitCode = 1;
}
