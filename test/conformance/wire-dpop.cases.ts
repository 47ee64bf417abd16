/** RFC 9449, section 4.3: what the receiver of a proof must check, in its order and numbering. */
import { proofLifetimeSeconds, verifyProof } from '../../shared/dpop.ts';
import { type Case, check, checkEqual, checkRefused } from '../shared/case.ts';
import { type Signer, createSigner, encode, utf8 } from '../shared/wire/craft.ts';

const now = 1_800_000_000_000;
const expected = { method: 'POST', url: 'https://edge.example/hooks/telegram/1', accessToken: 'token', now };

interface Change {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
}

const hash = async (token: string): Promise<string> =>
  encode(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(token))));

async function craftProof(signer: Signer, { header, claims }: Change = {}): Promise<string> {
  const { kty, crv, x } = signer.jwk;
  return signer.sign(
    JSON.stringify({ typ: 'dpop+jwt', alg: 'Ed25519', jwk: { kty, crv, x }, ...header }),
    JSON.stringify({
      jti: '0123456789abcdef',
      htm: expected.method,
      htu: expected.url,
      iat: now / 1000,
      ath: await hash(expected.accessToken),
      ...claims,
    }),
  );
}

const refused = (title: string, change: Change): Case => ({
  title,
  run: async () =>
    checkRefused('bad_proof', async () => verifyProof(await craftProof(await createSigner(), change), expected)),
});
const taken = (title: string, change: Change): Case => ({
  title,
  run: async () =>
    checkEqual((await verifyProof(await craftProof(await createSigner(), change), expected)).id.length, 16),
});

const seconds = (offset: number): Change => ({ claims: { iat: now / 1000 + offset } });

export const cases: readonly Case[] = [
  taken('a proof as the section describes it is taken', {}),
  {
    title: '1. There is not more than one DPoP HTTP request header field: two in one are refused',
    async run() {
      const proof = await craftProof(await createSigner());
      await checkRefused('bad_proof', () => verifyProof(`${proof}, ${proof}`, expected));
      await checkRefused('bad_proof', () => verifyProof(`${proof},`, expected));
    },
  },
  {
    title: '2. The DPoP HTTP request header field value is a single and well-formed JWT',
    async run() {
      for (const text of ['', '.', '..', 'a.b.c', 'not a token', '{}', 'A'.repeat(4097)]) {
        await checkRefused('bad_proof', () => verifyProof(text, expected));
      }
      const signer = await createSigner();
      const header = JSON.stringify({
        typ: 'dpop+jwt',
        alg: 'Ed25519',
        jwk: { kty: 'OKP', crv: 'Ed25519', x: signer.jwk.x },
      });
      for (const claims of ['', 'null', '[]', '"x"', '7', '{', '{}{}']) {
        const proof = await signer.sign(header, claims);
        await checkRefused('bad_proof', () => verifyProof(proof, expected));
      }
    },
  },
  ...['jti', 'htm', 'htu', 'iat'].flatMap((name) => [
    refused(`3. All required claims are contained: ${name} is missing`, { claims: { [name]: undefined } }),
    refused(`3. All required claims are contained: ${name} is null`, { claims: { [name]: null } }),
    refused(`3. All required claims are contained: ${name} is a list`, { claims: { [name]: ['x'] } }),
  ]),
  refused('3. All required claims are contained: jti is too short to be unique (section 4.2)', {
    claims: { jti: 'short' },
  }),
  refused('3. All required claims are contained: jti is longer than anyone will keep', {
    claims: { jti: 'x'.repeat(129) },
  }),
  ...['jwk', 'alg', 'typ'].map((name) =>
    refused(`3. All required claims are contained: the header has no ${name} (section 4.2)`, {
      header: { [name]: undefined },
    }),
  ),
  ...['JWT', 'dpop', 'DPOP+JWT', 'application/dpop+jwt', 'pryx-job+jws', null].map((typ) =>
    refused(`4. The typ JOSE Header Parameter has the value dpop+jwt, not ${typ}`, { header: { typ } }),
  ),
  ...['none', 'HS256', 'HS512', 'RS256', 'ES256', 'PS256', 'EdDSA', 'Ed448', '', null].map((alg) =>
    refused(`5. The alg indicates an asymmetric signature that is supported and acceptable, not ${alg}`, {
      header: { alg },
    }),
  ),
  {
    title: '6. The JWT signature verifies with the public key contained in the jwk JOSE Header Parameter',
    async run() {
      const [signer, other] = [await createSigner(), await createSigner()];
      const { kty, crv, x } = other.jwk;
      const proof = await craftProof(signer, { header: { jwk: { kty, crv, x } } });
      await checkRefused('bad_proof', () => verifyProof(proof, expected));
      const [header, claims] = (await craftProof(signer)).split('.');
      await checkRefused('bad_proof', () => verifyProof(`${header}.${claims}.`, expected));
      await checkRefused('bad_proof', () => verifyProof(`${header}.${claims}.${encode(new Uint8Array(64))}`, expected));
    },
  },
  {
    title: '7. The jwk JOSE Header Parameter does not contain a private key',
    async run() {
      const signer = await createSigner();
      const proof = await craftProof(signer, { header: { jwk: signer.jwk } });
      await checkRefused('bad_proof', () => verifyProof(proof, expected));
    },
  },
  ...['GET', 'post', 'POST ', 'HEAD'].map((htm) =>
    refused(`8. The htm claim matches the HTTP method of the current request, not ${htm}`, { claims: { htm } }),
  ),
  ...[
    'https://edge.example/hooks/telegram/2',
    'https://edge.example',
    'https://other.example/hooks/telegram/1',
    '',
  ].map((htu) =>
    refused(`9. The htu claim matches the HTTP URI value of the request, not ${htu}`, { claims: { htu } }),
  ),
  taken('9. The htu claim is compared ignoring any query and fragment parts', {
    claims: { htu: `${expected.url}?a=1#b` },
  }),
  taken('10. No nonce was provided by the server: a nonce claim has nothing to match', { claims: { nonce: 'x' } }),
  taken('11. The creation time is within an acceptable window: as old as it may be', seconds(-proofLifetimeSeconds)),
  taken(
    '11. The creation time is within an acceptable window: as new as clocks may differ',
    seconds(proofLifetimeSeconds),
  ),
  refused('11. The creation time is within an acceptable window: too old', seconds(-proofLifetimeSeconds - 1)),
  refused('11. The creation time is within an acceptable window: too new', seconds(proofLifetimeSeconds + 1)),
  refused('11. The creation time is within an acceptable window: no time at all', { claims: { iat: 'now' } }),
  refused('12a. Presented with an access token, ath is present', { claims: { ath: undefined } }),
  refused('12a. Presented with an access token, ath is its hash and not another one', {
    claims: { ath: encode(new Uint8Array(32)) },
  }),
  {
    title: '12a. A proof for one access token does not serve another, nor a request without one',
    async run() {
      const proof = await craftProof(await createSigner());
      await checkRefused('bad_proof', () => verifyProof(proof, { ...expected, accessToken: 'other' }));
      const { accessToken: _, ...without } = expected;
      await checkRefused('bad_proof', () => verifyProof(proof, without));
    },
  },
  {
    title: '12b. The public key to which the access token is bound can be told from the proof: its RFC 7638 thumbprint',
    async run() {
      const signer = await createSigner();
      const verified = await verifyProof(await craftProof(signer), expected);
      checkEqual([verified.thumbprint, verified.jwk.x], [signer.kid, signer.jwk.x]);
    },
  },
  ...['crit', 'b64', 'jku', 'x5u', 'x5c', 'kid'].map((name) =>
    refused(`RFC 8725, section 3.10: a header member that nobody asked for is not followed: ${name}`, {
      header: { [name]: name === 'crit' ? ['b64'] : name === 'b64' ? false : 'https://attacker.example/key' },
    }),
  ),
  {
    title: 'the same proof gives the same id, for the caller to see that it comes twice (section 11.1)',
    async run() {
      const proof = await craftProof(await createSigner());
      const [once, twice] = [await verifyProof(proof, expected), await verifyProof(proof, expected)];
      check(once.id === twice.id && once.id === '0123456789abcdef', once.id);
    },
  },
];
