import { expect, test } from 'vitest';
import { claimLink } from '../../../../local-agent/channels/telegram/claim-link.ts';

test('the claim link opens the bot with the code', () => {
  expect(claimLink('my_pryx_bot', 'q-Z_9')).toBe('https://t.me/my_pryx_bot?start=q-Z_9');
});
