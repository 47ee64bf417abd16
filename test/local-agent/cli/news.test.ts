import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findHome } from '../../../local-agent/cli/home.ts';
import { countNews, markSeen } from '../../../local-agent/cli/log/news.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

const warning = '{"time":"","severity":"WARN","event":"odd"}\n';
const error = '{"time":"","severity":"ERROR","event":"bad"}\n';
const quoted = `${JSON.stringify({ severity: 'INFO', event: 'fine', note: '"severity":"ERROR"' })}\n`;

function createLog(content: string) {
  const home = findHome(temporaryFolder());
  for (const folder of [home.logs, home.runFolder]) mkdirSync(folder);
  writeFileSync(home.logFile, content);
  return home;
}

describe('the news of the log', () => {
  it('are counted on from where counting ended, and lines that are half written the next time', () => {
    const home = createLog(warning + quoted + error.slice(0, 20));
    expect(countNews(home)).toMatchObject({ warnings: 1, errors: 0 });
    appendFileSync(home.logFile, error.slice(20) + warning);
    expect(countNews(home)).toMatchObject({ warnings: 2, errors: 1 });
    expect(countNews(home)).toMatchObject({ warnings: 2, errors: 1 });
    markSeen(home);
    expect(countNews(home)).toMatchObject({ warnings: 0, errors: 0 });
  });

  it('are not lost when the log went on in other files, nor counted twice', () => {
    const home = createLog(warning);
    countNews(home);
    appendFileSync(home.logFile, error);
    renameSync(home.logFile, `${home.logFile}.2`);
    writeFileSync(`${home.logFile}.1`, error + error);
    writeFileSync(home.logFile, warning);
    expect(countNews(home)).toMatchObject({ warnings: 2, errors: 3 });
    expect(countNews(home)).toMatchObject({ warnings: 2, errors: 3 });
  });

  it('begin with the current file when the one that was counted is gone, or was cut', () => {
    const home = createLog(warning + warning);
    markSeen(home);
    rmSync(home.logFile);
    writeFileSync(home.logFile, error);
    expect(countNews(home)).toMatchObject({ warnings: 0, errors: 1 });
    writeFileSync(home.logFile, '');
    expect(countNews(home)).toMatchObject({ errors: 1 });
  });

  it('take what Node said at its end for one error', () => {
    const home = createLog(`${warning}FATAL ERROR: heap\n 1: 0xb8\n 2: 0xb9\n${warning}once more\n`);
    expect(countNews(home)).toMatchObject({ warnings: 2, errors: 2 });
  });

  it('are none where there is no log, and right where the mark is rubbish or cannot be kept', () => {
    expect(countNews(findHome(temporaryFolder()))).toEqual({ warnings: 0, errors: 0 });
    const home = createLog(error);
    writeFileSync(`${home.runFolder}/log-seen.json`, '{"inode":"x"}');
    expect(countNews(home)).toMatchObject({ errors: 1 });
    rmSync(home.runFolder, { recursive: true });
    expect(countNews(home)).toMatchObject({ errors: 1 });
  });
});
