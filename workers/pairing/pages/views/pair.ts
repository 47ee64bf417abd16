/** The pages of a pairing: enter the code, look at the device, decide. */
import { html } from 'hono/html';
import type { PryxError } from '../../../../shared/error.ts';
import { fingerprintWords } from '../../../../shared/pairing/fingerprint.ts';
import type { PendingDevice, Place } from '../../desk/desk-api.ts';
import { codeField, hidden, problemOf } from './form.ts';
import { ago, until } from './time.ts';
import type { Html, View } from './view.ts';

export function viewEnterCode({ csrf, problem }: { csrf: string; problem?: PryxError | undefined }): View {
  return {
    page: 'enter-code',
    title: 'Pair a device',
    signedIn: true,
    body: html`
<h1>Pair a device</h1>
<p class="lead">Run <code>pryx pair</code> on the device. It shows a code of eight letters.</p>
${problemOf(problem)}
${enterCodeForm(csrf, problem !== undefined)}`,
  };
}

const enterCodeForm = (csrf: string, invalid: boolean): Html => html`
<form id="enter-code" method="post" action="/pair">
${hidden({ csrf })}
${codeField({
  name: 'user_code',
  label: 'Code on the device',
  hint: 'Small letters and a missing hyphen are fine.',
  example: 'XXXX-XXXX',
  maxLength: 20,
  invalid,
})}
<button class="primary">Show the device</button>
</form>`;

export interface Decision {
  csrf: string;
  /** As it was entered, checked. */
  userCode: string;
  device: PendingDevice;
  /** Of who decides. */
  network: string | null;
  now: number;
  problem?: PryxError | undefined;
}

export function viewDecision({ csrf, userCode, device, network, now, problem }: Decision): View {
  const { pairingId, deviceId, name, platform, place, requestedAt, expiresAt } = device;
  const elsewhere = place.network !== null && network !== null && place.network !== network;
  return {
    page: 'decide',
    title: `Pair ${name}?`,
    signedIn: true,
    body: html`
<h1>Pair this device?</h1>
<p class="lead">Once approved, it receives the messages that come to your edge.</p>
${problemOf(problem)}
<dl class="facts">
<div><dt>Device</dt><dd class="name"><bdi>${name}</bdi></dd></div>
<div><dt>Platform</dt><dd><bdi>${platform}</bdi></dd></div>
<div><dt>Code</dt><dd>${userCode}</dd></div>
<div><dt>Asked</dt><dd>${ago(requestedAt, now)}, good for ${until(expiresAt, now)} more</dd></div>
<div><dt>From</dt><dd>${describePlace(place)}</dd></div>
</dl>
<section class="fingerprint" aria-labelledby="words-title">
<h2 id="words-title">Its four words</h2>
<ol class="words">${fingerprintWords(deviceId).map((word) => html`<li>${word}</li>`)}</ol>
<p>Your terminal must show the same words in the same order.</p>
</section>
${
  elsewhere
    ? html`<div class="note warning"><p><strong>It is in another network than you.</strong> Fine for a server, or while your phone is not on the same Wi-Fi. If both should be on one network, deny.</p></div>`
    : ''
}
<div class="note"><p><strong>Nobody but you should have sent you here.</strong> If a person, a message or another site gave you this link or code, deny: you would let in their device.</p></div>
<form id="decide" method="post" action="/pair/decide">
${hidden({ csrf, pairing_id: pairingId, device_id: deviceId, user_code: userCode })}
<label class="tick" for="words_match"><input type="checkbox" id="words_match" name="words_match" value="yes"${
      problem === undefined ? '' : html` aria-invalid="true"`
    }><span>I see these four words on my own screen</span></label>
<div class="decision">
<button class="primary" name="decision" value="approve">Approve</button>
<button class="danger" name="decision" value="deny">Deny</button>
</div>
</form>`,
  };
}

const countries = new Intl.DisplayNames('en', { type: 'region' });

function describePlace({ city, region, country, network }: Place): Html {
  const parts = [city, region === city ? null : region, country === null ? null : nameCountry(country)];
  const place = parts.filter((part) => part !== null && part !== '').join(', ');
  if (place === '' && network === null) return html`a place that this edge cannot tell`;
  return html`<bdi>${place === '' ? 'an unknown place' : place}</bdi>${network === null ? '' : html` <span class="network">${network}</span>`}`;
}

/** Cloudflare also says `T1` for Tor and `XX` for unknown. */
function nameCountry(code: string): string {
  if (code === 'T1') return 'the Tor network';
  return /^[A-Z]{2}$/.test(code) && code !== 'XX' ? (countries.of(code) ?? code) : '';
}

export function viewApproved(name: string): View {
  return {
    page: 'approved',
    title: 'Approved',
    signedIn: true,
    body: html`
<p class="seal good" aria-hidden="true">✓</p>
<h1>Approved</h1>
<p class="lead"><bdi>${name}</bdi> is being paired. Go back to your terminal: it says when the link is up.</p>
<p class="actions"><a class="button" href="pryx://pair/done">Back to Pryx</a> <a class="button" href="/account">See your devices</a></p>`,
  };
}

export function viewDenied(name: string): View {
  return {
    page: 'denied',
    title: 'Denied',
    signedIn: true,
    body: html`
<p class="seal" aria-hidden="true">×</p>
<h1>Denied</h1>
<p class="lead"><bdi>${name}</bdi> was turned away, and its code is void.</p>
<p>If you did not ask for it, nothing more is to be done. Whoever has your code can do nothing without you.</p>
<p class="actions"><a class="button" href="/account">See your devices</a></p>`,
  };
}

export function viewGone({ csrf }: { csrf: string }): View {
  return {
    page: 'gone',
    title: 'No device is waiting',
    signedIn: true,
    body: html`
<h1>No device is waiting with this code</h1>
<p class="lead">It may have expired, been answered already, or have a letter wrong. Codes live for ten minutes.</p>
<p>Look at the device. If it has stopped waiting, run <code>pryx pair</code> again.</p>
${enterCodeForm(csrf, true)}`,
  };
}
