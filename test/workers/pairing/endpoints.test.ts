/** The OAuth endpoints against somebody who means ill, in workerd. What the RFCs want is in test/conformance/oauth. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateEdgeKeys } from '../../../local-agent/cli/edge/generate-keys.ts';
import { type Answer, formType, postForm, send } from '../../conformance/oauth/http.ts';
import { type Codes, clientId, createWireClient } from '../../conformance/oauth/wire-client.ts';
import { type World, openWorld } from '../../conformance/oauth/world.ts';
import { type TestEdge, startTestEdge } from '../support/edge.ts';

const errorOf = ({ status, body }: Answer): string => `${status} ${String(body['error'])}`;

describe('an edge', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world?.close());

  const deskRows = async (query: string): Promise<Record<string, unknown>[]> => {
    const desk = await world.edge.server.getWorker().getDurableObjectStorage('Desk', { name: 'desk' });
    return [...(await desk.exec(query))] as Record<string, unknown>[];
  };

  describe('a code', () => {
    test('that two devices race for goes to the one it was given to, once', async () => {
      const [own, thief] = [await world.client(), await world.client()];
      const codes = await own.codes();
      await world.owner.approve({ userCode: codes.user_code });
      await Promise.all([own.greet(), thief.greet()]);
      const racing = [thief, own, thief, own, thief, own].map(async (client) => ({
        thief: client === thief,
        answer: await client.poll(codes.device_code),
      }));
      const answers = await Promise.all(racing);
      expect(answers.filter(({ answer }) => answer.status === 200).map(({ thief: stolen }) => stolen)).toEqual([false]);
      for (const { answer } of answers) if (answer.status !== 200) expect(errorOf(answer)).toBe('400 invalid_grant');
      // The one that got the tokens can use them.
      const winner = answers.find(({ answer }) => answer.status === 200)?.answer.body ?? {};
      expect((await own.get(String(winner['access_token']))).status).toBe(200);
      expect((await own.refresh(String(winner['refresh_token']))).status).toBe(200);
    });

    test('of one device cannot be approved as another, though both are asked for at once', async () => {
      const clients = await Promise.all(Array.from({ length: 4 }, () => world.client()));
      const codes = await Promise.all(clients.map((client) => client.codes()));
      expect(new Set(codes.flatMap(({ device_code, user_code }) => [device_code, user_code])).size).toBe(8);
      await world.owner.approve({ userCode: codes[2]?.user_code ?? '' });
      const outcomes = await Promise.all(clients.map((client, index) => client.poll(codes[index]?.device_code ?? '')));
      expect(outcomes.map(({ status }) => status)).toEqual([400, 400, 200, 400]);
    });

    test('outlives a sleep of every object, and so do the tokens', async () => {
      const client = await world.client();
      const codes = await client.codes();
      const worker = world.edge.server.getWorker();
      const sleep = async (): Promise<void> => {
        await worker.evictDurableObject('Desk', { name: 'desk' });
        await worker.evictDurableObject('Account', { name: 'account' });
      };
      await sleep();
      await world.owner.approve({ userCode: codes.user_code });
      await sleep();
      const tokens = await client.redeem(codes.device_code);
      await sleep();
      expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
      expect(errorOf(await client.poll(codes.device_code))).toBe('400 invalid_grant');
    });

    test('is forgotten once it was redeemed', async () => {
      const { client } = await world.pair();
      expect(await deskRows(`select id from pairing where device = '${client.id}'`)).toEqual([]);
    });

    test('is of no use where there are sixty-four devices, and one of them has to go first', async () => {
      const account = await world.edge.server.getWorker().getDurableObjectStorage('Account', { name: 'account' });
      await account.exec(`with recursive n (i) as (select 1 union all select i + 1 from n where i < 64)
        insert into device select 'filler ' || i, 'filler', 'x', 'paired', null, 0, null, null from n`);
      const client = await world.client();
      const codes = await client.codes();
      await world.owner.approve({ userCode: codes.user_code });
      const refused = await client.poll(codes.device_code);
      expect(errorOf(refused)).toBe('400 access_denied');
      expect(refused.body['error_description']).toContain('64 devices');
      await account.exec("delete from device where name = 'filler'");
      expect((await world.pair()).tokens.token_type).toBe('DPoP');
    });

    test('takes no proof twice', async () => {
      const client = await world.client();
      const { device_code } = await client.codes();
      await client.greet();
      const dpop = await client.prove({ method: 'POST', url: `${world.origin}/oauth/token` });
      expect(errorOf(await client.poll(device_code, {}, { dpop }))).toBe('400 authorization_pending');
      expect(errorOf(await client.poll(device_code, {}, { dpop }))).toBe('400 invalid_dpop_proof');
    });
  });

  describe('what the owner is shown of a device', () => {
    test('is one line, cut to size, without anything that a page or a terminal would obey', async () => {
      const client = await world.client();
      const names: [given: string, kept: string][] = [
        ['<script>alert(1)</script>', '<script>alert(1)</script>'],
        ['x'.repeat(1000), 'x'.repeat(64)],
        ['a\u202Eb\u0000c\u001B[31md\u200Be', 'abc[31mde'],
        ['  two\r\nlines\u2028more ', 'two lines more'],
        ["'; drop table pairing; --", "'; drop table pairing; --"],
      ];
      for (const [given, kept] of names) {
        const one = await world.client();
        const answer = await one.authorize(one.authorization({ device_name: given, device_platform: given }));
        expect(answer.status).toBe(200);
        expect(await deskRows(`select name, platform from pairing where device = '${one.id}'`)).toEqual([
          { name: kept, platform: kept },
        ]);
      }
      for (const nothing of ['\u0000\u200B', ' ', 'x'.repeat(2000)])
        expect(errorOf(await client.authorize(client.authorization({ device_name: nothing })))).toBe(
          '400 invalid_request',
        );
    });
  });

  describe('where a request came from', () => {
    test('is kept with the code: the network alone, as far as it is known', async () => {
      const networks: [headers: Record<string, string>, kept: string | null][] = [
        [{ 'cf-connecting-ip': '192.0.2.77' }, '192.0.2.77'],
        [{ 'cf-connecting-ip': '2001:db8:1:2:3:4:5:6' }, '2001:db8:1:2'],
        [{}, null],
      ];
      for (const [headers, kept] of networks) {
        const client = await world.client();
        await postForm(`${world.origin}/oauth/device_authorization`, client.authorization(), headers);
        const [row] = await deskRows(`select network from pairing where device = '${client.id}'`);
        expect(row).toEqual({ network: kept });
      }
    });

    test('allows five pairings under way, whatever devices they are for', async () => {
      const ask = async (address: string): Promise<Answer> => {
        const client = await world.client();
        return client.authorize(client.authorization(), { 'cf-connecting-ip': address });
      };
      for (let pairing = 1; pairing <= 5; pairing += 1)
        expect((await ask(`2001:db8:5:5::${pairing}`)).status).toBe(200);
      const refused = await ask('2001:db8:5:5:ffff::1');
      expect(errorOf(refused)).toBe('429 temporarily_unavailable');
      expect(refused.headers['retry-after']).toBe('60');
      expect((await ask('2001:db8:5:6::1')).status).toBe(200);
    });
  });

  describe('a body', () => {
    test('of more than 16 KiB is not read, announced or not', async () => {
      for (const path of ['device_authorization', 'token', 'revoke']) {
        const url = `${world.origin}/oauth/${path}`;
        const long = `client_id=${clientId}&x=${'x'.repeat(16 * 1024)}`;
        const announced = await send({ method: 'POST', url, headers: { 'content-type': formType }, body: long });
        expect([path, errorOf(announced)]).toEqual([path, '413 invalid_request']);
        const chunked = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': formType },
          body: new Blob([long]).stream(),
          duplex: 'half',
        });
        expect([path, chunked.status]).toEqual([path, 413]);
      }
    });

    test('of thousands of parameters is a form like any other', async () => {
      const client = await world.client();
      const many = Array.from({ length: 2000 }, (_, index) => [`p${index}`, ''] as [string, string]);
      const own = Object.entries(client.authorization()) as [string, string][];
      expect((await client.authorize([...own, ...many])).status).toBe(200);
    });

    test('of parameters named like the innards of the language asks for nothing', async () => {
      const client = await world.client();
      for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
        expect(
          errorOf(
            await client.token([
              ['grant_type', name],
              ['client_id', clientId],
              [name, 'x'],
            ]),
          ),
        ).toBe('400 unsupported_grant_type');
      }
    });
  });

  describe('tokens of another edge', () => {
    let other: World;
    beforeAll(async () => {
      other = await openWorld();
    });
    afterAll(() => other?.close());

    test('are of no use here, whoever has the key', async () => {
      const { client, tokens } = await other.pair();
      const here = await createWireClient(world.origin, client.signer);
      expect((await here.get(tokens.access_token)).status).toBe(401);
      expect(errorOf(await here.refresh(tokens.refresh_token))).toBe('400 invalid_grant');
      for (const token of [tokens.access_token, tokens.refresh_token])
        expect((await here.revoke({ token, client_id: clientId })).status).toBe(200);
      expect((await client.get(tokens.access_token)).status).toBe(200);
      expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
    });

    test('cannot be had by passing a proof on: it names the edge that it is for, and carries its nonce', async () => {
      const victim = await world.client();
      const codes = await victim.codes();
      await world.owner.approve({ userCode: codes.user_code });
      // The victim was led to another edge, which now tries at the real one with what it got.
      const lured = await createWireClient(other.origin, victim.signer);
      await lured.greet();
      const passedOn = await lured.prove({ method: 'POST', url: `${other.origin}/oauth/token` });
      expect(errorOf(await victim.poll(codes.device_code, {}, { dpop: passedOn }))).toBe('400 invalid_dpop_proof');
      const foreignNonce = await lured.prove({ method: 'POST', url: `${world.origin}/oauth/token` });
      expect(errorOf(await victim.poll(codes.device_code, {}, { dpop: foreignNonce }))).toBe('400 use_dpop_nonce');
      expect((await victim.poll(codes.device_code)).status).toBe(200);
    });
  });

  describe('revocation', () => {
    test('by a used-up refresh token, or by one of before, ends nothing', async () => {
      const { client, tokens } = await world.pair();
      const next = await client.refresh(tokens.refresh_token);
      await client.refresh(String(next.body['refresh_token']));
      expect((await client.revoke({ token: tokens.refresh_token, client_id: clientId })).status).toBe(200);
      expect((await client.get(tokens.access_token)).status).toBe(200);
    });
  });
});

describe('limits', () => {
  let edge: TestEdge;
  beforeAll(async () => {
    edge = await startTestEdge({ pairingLimit: 4, vars: { PRYX_EDGE_KEYS: JSON.stringify(await generateEdgeKeys()) } });
  });
  afterAll(() => edge?.close());

  /** Counts begin anew with each minute, so how many it takes depends on when it is tried. */
  async function untilLimited(ask: () => Promise<Answer>): Promise<Set<string>> {
    const before = new Set<string>();
    for (let tries = 0; tries < 20; tries += 1) {
      const answer = await ask();
      if (answer.status === 429) {
        expect(errorOf(answer)).toBe('429 temporarily_unavailable');
        expect(answer.headers['retry-after']).toBe('60');
        return before;
      }
      before.add(`${answer.status} ${String(answer.body['error'] ?? '')}`.trim());
    }
    throw new Error('never limited');
  }

  test('who asks for codes too often is told to wait', async () => {
    const client = await createWireClient(edge.origin);
    const headers = { 'cf-connecting-ip': '192.0.2.1' };
    expect(await untilLimited(() => client.authorize(client.authorization({ dpop_jkt: 'x' }), headers))).toEqual(
      new Set(['400 invalid_request']),
    );
  });

  test('who guesses codes or tokens is told to wait', async () => {
    const client = await createWireClient(edge.origin);
    const from = (address: string) => ({ headers: { 'cf-connecting-ip': address } });
    expect(await untilLimited(() => client.poll('x'.repeat(43), {}, from('192.0.2.2')))).toEqual(
      new Set(['400 invalid_grant']),
    );
    expect(await untilLimited(() => client.refresh(`pryx_rt_${'x'.repeat(63)}`, {}, from('192.0.2.3')))).toEqual(
      new Set(['400 invalid_grant']),
    );
    const guess = { token: `pryx_rt_${'x'.repeat(63)}`, client_id: clientId };
    expect(await untilLimited(() => client.revoke(guess, { 'cf-connecting-ip': '192.0.2.4' }))).toEqual(
      new Set(['200']),
    );
  });

  test('who polls for a code that was given is not counted', async () => {
    const client = await createWireClient(edge.origin);
    const headers = { 'cf-connecting-ip': '192.0.2.5' };
    const codes = (await client.authorize(client.authorization(), headers)).body as unknown as Codes;
    for (let poll = 0; poll < 12; poll += 1) {
      const answer = await client.poll(codes.device_code, {}, { headers });
      expect(errorOf(answer)).toMatch(/^400 (authorization_pending|slow_down)$/);
    }
  });
});

describe('an edge behind another name', () => {
  test('says that name everywhere, and is asked over TLS alone', async () => {
    const keys = JSON.stringify(await generateEdgeKeys());
    const named = await startTestEdge({ vars: { PRYX_EDGE_KEYS: keys, PRYX_EDGE_ORIGIN: 'https://edge.example' } });
    try {
      const metadata = await (await named.fetch('/.well-known/oauth-authorization-server')).json();
      expect(metadata).toMatchObject({
        issuer: 'https://edge.example',
        token_endpoint: 'https://edge.example/oauth/token',
      });
      const codes = await (await createWireClient(named.origin)).codes();
      expect(codes.verification_uri).toBe('https://edge.example/pair');
      expect(codes.verification_uri_complete).toBe(`https://edge.example/pair?user_code=${codes.user_code}`);
    } finally {
      await named.close();
    }
  });

  test('answers nothing without TLS, away from this machine', async () => {
    const keys = JSON.stringify(await generateEdgeKeys());
    const bare = await startTestEdge({ vars: { PRYX_EDGE_KEYS: keys, PRYX_EDGE_ORIGIN: 'http://edge.example' } });
    try {
      for (const path of ['/', '/pair', '/.well-known/jwks.json', '/oauth/token', '/devices', '/device', '/link']) {
        const answer = await bare.fetch(path, { method: path.startsWith('/oauth') ? 'POST' : 'GET' });
        expect(`${path} ${answer.status} ${await answer.text()}`).toMatch(/ 400 .*over TLS alone/);
      }
    } finally {
      await bare.close();
    }
  });
});
