/** What is wrong with a page as a browser shows it: too wide, too small to hit, too pale to read, out of reach of the keyboard. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';

const inside = (name: string): Promise<string> => readFile(new URL(`${name}.client.js`, import.meta.url), 'utf8');

/** In sentences, for the narrowest phone, in light and in dark; none when all is well. */
export async function inspectPage(page: Page): Promise<string[]> {
  const before = page.viewportSize();
  const faults: string[] = [];
  await page.setViewportSize({ width: 320, height: 640 });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const found = await page.evaluate<string[]>(await inside('inspect-page'));
    faults.push(...found.map((fault) => `${colorScheme}: ${fault}`));
  }
  faults.push(...(await walkWithKeyboard(page)));
  await page.emulateMedia({ colorScheme: 'light' });
  if (before !== null) await page.setViewportSize(before);
  return faults;
}

interface Focus {
  /** How many there are to reach. */
  all: number;
  /** Which of them has the focus; -1 for none. */
  index: number;
  shown: boolean;
  what: string;
}

/** Everything that can be used is reached by the tab key and shows that it is (WCAG 2.1.1, 2.4.7). */
async function walkWithKeyboard(page: Page): Promise<string[]> {
  const look = await inside('read-focus');
  const faults: string[] = [];
  const reached = new Set<number>();
  const { all } = await page.evaluate<Focus>(look);
  // One more than there are: it begins at the browser's own place.
  for (let presses = 0; presses <= all; presses += 1) {
    await page.keyboard.press('Tab');
    const { index, shown, what } = await page.evaluate<Focus>(look);
    if (index === -1) continue;
    reached.add(index);
    if (!shown) faults.push(`the focus is not to be seen on ${what}`);
  }
  if (reached.size < all) faults.push(`the keyboard reaches ${reached.size} of ${all}`);
  return faults;
}
