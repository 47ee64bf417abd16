/** A device asks to be paired, its owner approves, and it takes its tokens: the real endpoints, the real pages. */
import {
  deviceAuthorizationResponse,
  deviceClientId,
  deviceCodeGrant,
  oauthPaths,
  tokenResponse,
} from '../../../shared/api/oauth.ts';
import type { SoftwareOwner } from '../../../local-agent/cli/dev/owner.ts';

export type Approver = Pick<SoftwareOwner, 'approve'>;

export interface Tokens {
  accessToken: string;
  refreshToken: string;
}

/** `prove` makes a proof for the token endpoint, with a nonce once there is one. */
export async function pairDevice(
  origin: string,
  owner: Approver,
  device: { id: string; sealingKey: string; prove(nonce?: string): Promise<string> },
): Promise<Tokens> {
  const codes = deviceAuthorizationResponse.parse(
    await (
      await postForm(origin, oauthPaths.deviceAuthorization, {
        client_id: deviceClientId,
        scope: 'device',
        dpop_jkt: device.id,
        sealing_key: device.sealingKey,
        device_name: 'Test device',
        device_platform: 'test',
      })
    ).json(),
  );
  await owner.approve({ userCode: codes.user_code });
  return askTokens(origin, device, { grant_type: deviceCodeGrant, device_code: codes.device_code });
}

/** Throws with the answer when there are none to be had. */
export async function askTokens(
  origin: string,
  { prove }: { prove(nonce?: string): Promise<string> },
  grant: Record<string, string>,
): Promise<Tokens> {
  const ask = async (nonce?: string): Promise<Response> =>
    postForm(origin, oauthPaths.token, { client_id: deviceClientId, ...grant }, { dpop: await prove(nonce) });
  const nonce = (await ask()).headers.get('dpop-nonce') ?? '';
  const answer = await ask(nonce);
  if (answer.status !== 200) throw new Error(`no tokens: ${answer.status} ${await answer.text()}`);
  const tokens = tokenResponse.parse(await answer.json());
  return { accessToken: tokens.access_token, refreshToken: tokens.refresh_token };
}

export const postForm = (
  origin: string,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> => fetch(`${origin}${path}`, { method: 'POST', headers, body: new URLSearchParams(fields) });

/** An owner who does one thing at a time, as a person does. */
export function oneAtATime(owner: SoftwareOwner): Pick<SoftwareOwner, 'approve' | 'revoke'> {
  let last: Promise<void> = Promise.resolve();
  function inTurn(work: () => Promise<void>): Promise<void> {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  }
  return {
    approve: (pairing) => inTurn(() => owner.approve(pairing)),
    revoke: (deviceId) => inTurn(() => owner.revoke(deviceId)),
  };
}
