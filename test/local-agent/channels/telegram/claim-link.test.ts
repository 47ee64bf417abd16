import { expect, test } from 'vitest';
import { claimLink, drawClaimLink } from '../../../../local-agent/channels/telegram/claim-link.ts';

test('the claim link opens the bot with the code', () => {
  expect(claimLink('my_pryx_bot', 'q-Z_9')).toBe('https://t.me/my_pryx_bot?start=q-Z_9');
});

test('the claim link fits a terminal as a QR code', async () => {
  const lines = (await drawClaimLink(claimLink('my_pryx_bot', 'A'.repeat(32)))).trimEnd().split('\n');
  // Version 4 at most: 33 modules and the border, two rows to a line.
  expect(lines.length).toBeLessThanOrEqual(19);
  expect(new Set(lines.map((line) => [...line].length)).size).toBe(1);
  expect(lines.join('')).toMatch(/^[█▀▄ ]+$/);
});
