/** Whether this edge can do its work: `GET /healthz`, `/readyz` and the control plane's status. Nothing private, nothing countable per device. */
import type { Context } from 'hono';
import type { HealthResponse } from '../../shared/api/status.ts';
import { toPryxError } from '../../shared/error.ts';
import { linkProtocol } from '../../shared/wire/version.ts';
import { type EdgeContext, type Env, readOrigin } from '../environment.ts';
import { answerJson } from '../guard/answer.ts';
import { countAddress } from '../guard/rate-limit.ts';
import type { Keyring } from '../keys/keyring.ts';

type Check = HealthResponse['checks'][string];

/** Answers although the edge is not ready: it is asked to find out why. */
export function showHealth(
  loadKeyring: (secret: string | undefined) => Promise<Keyring>,
  further: Readonly<Record<string, (env: Env) => Promise<void>>> = {},
) {
  return async (c: Context<EdgeContext>): Promise<Response> => {
    if (c.env.PUBLIC_LIMIT !== undefined) await countAddress(c);
    const checks: HealthResponse['checks'] = {
      keys: await check(() => loadKeyring(c.env.PRYX_EDGE_KEYS)),
      origin: await check(() => readOrigin(c.env, c.req.url)),
      rate_limits: c.env.PUBLIC_LIMIT === undefined ? { status: 'failed', message: 'PUBLIC_LIMIT is not bound.' } : ok,
    };
    for (const [name, work] of Object.entries(further)) checks[name] = await check(() => work(c.env));
    const healthy = Object.values(checks).every(({ status }) => status === 'ok');
    const body: HealthResponse = { status: healthy ? 'ok' : 'unhealthy', checks };
    return answerJson(healthy ? 200 : 503, body, healthy ? {} : { 'retry-after': '60' });
  };
}

const ok: Check = { status: 'ok' };

async function check(work: () => unknown): Promise<Check> {
  try {
    await work();
    return ok;
  } catch (thrown) {
    const { message, hint } = toPryxError(thrown);
    return { status: 'failed', message: hint === undefined ? message : `${message} ${hint}` };
  }
}

/** `GET /api/agents/control-plane/status`. The Worker knows no list of devices, so there are none to count here. */
export function showControlPlane(c: Context<EdgeContext>): Response {
  return answerJson(200, {
    status: 'ok',
    protocols: [linkProtocol],
    signing_keys: c.var.keyring.jwks.keys.length,
  });
}
