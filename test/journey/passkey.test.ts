/** The owner with a real browser and real passkeys: from the first claim to a lost phone, against the edge as it is built. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generateEdgeKeys } from '../../local-agent/cli/edge/generate-keys.ts';
import { type RunningEdge, startEdge } from '../../local-agent/cli/edge/workerd.ts';
import { fingerprintWords } from '../../shared/pairing/fingerprint.ts';
import { type Phone, mustHaveBrowser, openPhone, startChromium } from '../support/chromium.ts';
import { inspectPage } from '../support/inspect-page.ts';
import { createTestDevice } from '../workers/support/device.ts';

const bundle = new URL('../../dist/worker.js', import.meta.url).pathname;
const setupCode = 'BCDFG-HJKLM-NPQRS-TVWXZ';

let browser: Browser;
let edge: RunningEdge;
let storage: string;
let pages: string;
const phones: Phone[] = [];

beforeAll(async () => {
  browser = await startChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  storage = await mkdtemp(join(tmpdir(), 'pryx-passkey-'));
  edge = await startEdge({ bundle, host: '127.0.0.1', port: 0, storage, keys: await generateEdgeKeys(), setupCode });
  pages = edge.url.replace('127.0.0.1', 'localhost');
});
afterEach(async () => {
  for (const { context } of phones.splice(0)) await context.close();
  await edge.stop();
  await rm(storage, { recursive: true, force: true });
});

async function pickUp(options: { javaScriptEnabled?: boolean } = {}): Promise<Phone> {
  const phone = await openPhone(browser, options);
  phones.push(phone);
  return phone;
}

const at = ({ page }: Phone, name: string) => page.waitForSelector(`main[data-page="${name}"]`);
const click = ({ page }: Phone, selector: string) => page.click(selector);

/** Every page on the way is looked at as well. */
async function arrive(phone: Phone, name: string): Promise<void> {
  await at(phone, name);
  expect([name, await inspectPage(phone.page)]).toEqual([name, []]);
}

async function claim(phone: Phone, path = '/account'): Promise<string[]> {
  await phone.page.goto(`${pages}${path}`);
  await arrive(phone, 'claim');
  await phone.page.fill('#setup_code', setupCode.toLowerCase());
  await click(phone, '#claim button');
  await arrive(phone, 'create-passkey');
  await click(phone, '#create-passkey button');
  await arrive(phone, 'recovery-codes');
  const codes = await phone.page.$$eval('code.recovery-code', (all) => all.map(({ textContent }) => textContent ?? ''));
  await click(phone, '#continue');
  return codes;
}

async function signIn(phone: Phone): Promise<void> {
  await at(phone, 'sign-in');
  await click(phone, '#sign-in button');
}

/** As somebody who compares the words and then approves. */
const approver = (phone: Phone) => ({
  async approve({ userCode }: { userCode: string }) {
    await phone.page.goto(`${pages}/pair?user_code=${userCode}`);
    if (phone.page.url().includes('/sign-in')) await signIn(phone);
    await arrive(phone, 'decide');
    await phone.page.check('#words_match');
    await click(phone, 'button[value=approve]');
    await arrive(phone, 'approved');
  },
});

describe.skipIf(!mustHaveBrowser)('an owner', () => {
  it('claims the edge, approves a device, adds a passkey, loses the phone, recovers, signs out everywhere and revokes', async () => {
    const phone = await pickUp();
    let recoveryCodes: string[] = [];
    let shownWords: string[] = [];
    const device = await createTestDevice(edge.url, {
      async approve({ userCode }) {
        recoveryCodes = await claim(phone, `/pair?user_code=${userCode}`);
        await arrive(phone, 'decide');
        shownWords = await phone.page.$$eval('.words li', (all) => all.map(({ textContent }) => textContent ?? ''));
        await approver(phone).approve({ userCode });
      },
    });
    expect(recoveryCodes).toHaveLength(8);
    expect(shownWords).toEqual(fingerprintWords(device.id));
    const link = await device.link();
    await link.settle();
    await phone.page.goto(`${pages}/account`);
    await arrive(phone, 'account');
    expect(await phone.page.textContent('.card .state')).toBe('connected');

    // The same authenticator has one already; another gets one.
    await click(phone, 'a[href="/account/passkeys/new"]');
    await arrive(phone, 'add-passkey');
    await click(phone, '#create-passkey button');
    await phone.page.getByText('This device has a passkey for this edge already.').waitFor();
    await phone.useAuthenticator();
    await click(phone, '#create-passkey button');
    await at(phone, 'account');
    expect(await phone.page.locator('[aria-labelledby=passkeys] .card').count()).toBe(2);
    expect(await phone.passkeys()).toBe(1);

    // Another browser, with none of these authenticators.
    const found = await pickUp();
    await found.page.goto(`${pages}/account`);
    await signIn(found);
    await found.page.getByText('Nothing was confirmed').waitFor();
    await click(found, 'text=Use a recovery code');
    await arrive(found, 'recover');
    await found.page.fill('#recovery_code', recoveryCodes[3] ?? '');
    await click(found, '#recover button');
    await arrive(found, 'add-passkey');
    await click(found, '#create-passkey button');
    await arrive(found, 'account');
    expect(await found.page.textContent('[role=status]')).toContain('remove the passkeys that you lost');
    expect(await found.page.locator('[aria-labelledby=recovery] p strong').first().textContent()).toBe('7 of 8');
    for (let left = 3; left > 1; left -= 1) {
      const lost = found.page.locator('[aria-labelledby=passkeys] .card').first();
      await lost.getByText('Remove', { exact: false }).first().click();
      await lost.getByRole('button', { name: 'Remove this passkey' }).click();
      await found.page.getByText('The passkey is removed').waitFor();
    }
    // Whoever has the lost phone is out, and cannot come in again.
    await phone.page.goto(`${pages}/account`);
    await signIn(phone);
    await phone.page.getByText('This passkey is none of this edge').waitFor();

    await click(found, '#sign-out-everywhere button');
    await arrive(found, 'signed-out');
    await found.page.goto(`${pages}/account`);
    await signIn(found);
    await at(found, 'account');
    const card = found.page.locator('[aria-labelledby=devices] .card');
    await card.getByText('Revoke', { exact: false }).first().click();
    await card.getByRole('button', { name: 'Revoke this device' }).click();
    await found.page.getByText('The device is out').waitFor();
    expect(await link.closed).toMatchObject({ code: 4403 });
    expect((await device.request('GET', '/device')).status).toBe(401);
    expect([...phone.complaints, ...found.complaints]).toEqual([]);
  });

  it('needs an authenticator that asks who is there', async () => {
    const phone = await pickUp();
    await phone.useAuthenticator({ verifies: false });
    await phone.page.goto(`${pages}/claim`);
    await phone.page.fill('#setup_code', setupCode);
    await click(phone, '#claim button');
    await at(phone, 'create-passkey');
    await click(phone, '#create-passkey button');
    await phone.page.getByText(/cannot make such a passkey|Nothing was confirmed/).waitFor();
    expect(await phone.passkeys()).toBe(0);
    await phone.page.goto(`${pages}/account`);
    await at(phone, 'claim');
  });

  it('decides without JavaScript, which a passkey alone needs', async () => {
    const phone = await pickUp();
    await claim(phone);
    await at(phone, 'account');
    const plain = await pickUp({ javaScriptEnabled: false });
    await plain.page.goto(`${pages}/account`);
    await at(plain, 'sign-in');
    const needs = await plain.page.locator('noscript').boundingBox();
    expect(needs?.height).toBeGreaterThan(40);
    expect(await plain.page.locator('noscript').innerHTML()).toContain('A passkey needs JavaScript');
    await plain.context.addCookies(await phone.context.cookies());
    const device = await createTestDevice(edge.url, {
      async approve({ userCode }) {
        await plain.page.goto(`${pages}/pair`);
        await plain.page.fill('#user_code', userCode.toLowerCase().replace('-', ' '));
        await click(plain, '#enter-code button');
        await at(plain, 'decide');
        await click(plain, 'button[value=approve]');
        await plain.page.getByText('Compare the four words first').waitFor();
        await plain.page.check('#words_match');
        await click(plain, 'button[value=approve]');
        await at(plain, 'approved');
      },
    });
    await plain.page.goto(`${pages}/account`);
    await plain.page.click('summary:has-text("Rename")');
    await plain.page.fill(`#name-${device.id}`, 'attic');
    await plain.page.click(`#rename-${device.id} button`);
    await plain.page.getByText('The device has its new name').waitFor();
    expect(await plain.page.textContent('[aria-labelledby=devices] h3')).toBe('attic');
  });

  it('is not sent on to a form of another site, and cannot be framed by one', async () => {
    const phone = await pickUp();
    await claim(phone);
    await at(phone, 'account');
    // 127.0.0.1 is another site than localhost, and no page of the edge: it leads to one.
    const answer = await phone.page.goto(`${edge.url}/account`);
    expect(new URL(answer?.url() ?? '').hostname).toBe('localhost');
    await phone.page.route('http://evil.test/*', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form id="f" method="post" action="${pages}/sign-out-everywhere"><input name="csrf" value="x"></form><iframe src="${pages}/account"></iframe>`,
      }),
    );
    await phone.page.goto('http://evil.test/');
    const frame = phone.page.frames()[1];
    await frame?.waitForLoadState().catch(() => undefined);
    expect(await frame?.content()).not.toContain('Your account');
    await phone.page.evaluate('document.forms[0].submit()');
    await at(phone, 'error');
    await phone.page.goto(`${pages}/account`);
    await at(phone, 'account');
  });
});
