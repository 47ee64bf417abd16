/** A real Chromium, with authenticators that are software (WebAuthn, section 11, by way of the DevTools protocol). */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const executablePath = places.find((path) => existsSync(path));

/** A machine without a browser can still run all the other tests; the one that judges a change must have one. */
export const mustHaveBrowser = executablePath !== undefined || process.env['CI'] === 'true';

export function startChromium(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(`There is no Chromium at ${places.join(' or ')}: install one.`);
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', ...quiet] });
}

export interface Phone {
  page: Page;
  context: BrowserContext;
  /** What the browser itself complained about: scripts that were stopped, policies that were broken. */
  complaints: string[];
  /** Takes the present authenticator away, and gives another. */
  useAuthenticator(options?: { verifies?: boolean }): Promise<void>;
  /** How many passkeys the authenticator holds. */
  passkeys(): Promise<number>;
}

/** A browser of its own: no cookies, and an authenticator without passkeys. */
export async function openPhone(browser: Browser, options: { javaScriptEnabled?: boolean } = {}): Promise<Phone> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    // A page that says no has a status that says so too.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  let authenticatorId: string | undefined;

  async function useAuthenticator({ verifies = true } = {}): Promise<void> {
    if (authenticatorId !== undefined) await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    const added = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: verifies,
        isUserVerified: verifies,
      },
    });
    authenticatorId = added.authenticatorId;
  }
  await useAuthenticator();

  return {
    page,
    context,
    complaints,
    useAuthenticator,
    async passkeys() {
      const { credentials } = await devtools.send('WebAuthn.getCredentials', {
        authenticatorId: authenticatorId ?? '',
      });
      return credentials.length;
    },
  };
}
