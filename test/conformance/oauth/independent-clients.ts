/** The whole way with two clients from npm that know nothing of Pryx, unchanged: `oauth4webapi` and `openid-client`. */
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { describe, expect, it } from 'vitest';
import { generateSealingKey } from '../../../shared/wire/seal.ts';
import { clientId } from './wire-client.ts';
import type { World } from './world.ts';

/** What an edge asks for beyond the documents (decision 054). */
async function bindings(thumbprint: string): Promise<Record<string, string>> {
  const { d: _secret, ...sealing } = await generateSealingKey();
  return {
    scope: 'device',
    dpop_jkt: thumbprint,
    sealing_key: JSON.stringify(sealing),
    device_name: 'A client from npm',
    device_platform: 'linux x64',
  };
}

export function describeIndependentClients(world: () => World): void {
  describe('independent clients', () => {
    it('oauth4webapi pairs, reads a resource, refreshes and revokes', async () => {
      // Their own option for http on this machine.
      const insecure = { [oauth.allowInsecureRequests]: true };
      const issuer = new URL(world().origin);
      const as = await oauth.processDiscoveryResponse(
        issuer,
        await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }),
      );
      const client: oauth.Client = { client_id: clientId };
      const none = oauth.None();
      const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('Ed25519'));

      const codes = await oauth.processDeviceAuthorizationResponse(
        as,
        client,
        await oauth.deviceAuthorizationRequest(
          as,
          client,
          none,
          await bindings(await DPoP.calculateThumbprint()),
          insecure,
        ),
      );
      /** As its documentation says: once more when the server gives a nonce. */
      const withNonce = async <T>(ask: () => Promise<T>): Promise<T> => {
        try {
          return await ask();
        } catch (error) {
          if (!oauth.isDPoPNonceError(error)) throw error;
          return ask();
        }
      };
      const poll = () =>
        withNonce(async () =>
          oauth.processDeviceCodeResponse(
            as,
            client,
            await oauth.deviceCodeGrantRequest(as, client, none, codes.device_code, { DPoP, ...insecure }),
          ),
        );
      await expect(poll()).rejects.toMatchObject({ error: 'authorization_pending', status: 400 });
      await world().owner.approve({ userCode: codes.user_code });
      const tokens = await poll();
      expect(tokens.token_type).toBe('dpop');

      const read = async (token: string) =>
        oauth.protectedResourceRequest(token, 'GET', new URL('/device', issuer), undefined, undefined, {
          DPoP,
          ...insecure,
        });
      expect((await read(tokens.access_token)).status).toBe(200);

      const refreshed = await withNonce(async () =>
        oauth.processRefreshTokenResponse(
          as,
          client,
          await oauth.refreshTokenGrantRequest(as, client, none, tokens.refresh_token ?? '', { DPoP, ...insecure }),
        ),
      );
      expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
      expect((await read(refreshed.access_token)).status).toBe(200);

      await oauth.processRevocationResponse(
        await oauth.revocationRequest(as, client, none, refreshed.refresh_token ?? '', insecure),
      );
      await expect(read(refreshed.access_token)).rejects.toMatchObject({ status: 401 });
    });

    it('oauth4webapi takes an access token for a JWT of RFC 9068, with its proof', async () => {
      const { client, tokens } = await world().pair();
      const as: oauth.AuthorizationServer = {
        issuer: world().origin,
        jwks_uri: `${world().origin}/.well-known/jwks.json`,
      };
      const url = `${world().origin}/device`;
      const request = new Request(url, {
        headers: {
          authorization: `DPoP ${tokens.access_token}`,
          dpop: await client.prove({ method: 'GET', url, accessToken: tokens.access_token }),
        },
      });
      const claims = await oauth.validateJwtAccessToken(as, request, world().origin, {
        requireDPoP: true,
        [oauth.allowInsecureRequests]: true,
      });
      expect(claims).toMatchObject({ sub: client.id, client_id: clientId });
    });

    it('openid-client pairs, reads a resource, refreshes and revokes', async () => {
      const config = await openid.discovery(new URL(world().origin), clientId, undefined, openid.None(), {
        algorithm: 'oauth2',
        execute: [openid.allowInsecureRequests],
      });
      const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('Ed25519'));
      const codes = await openid.initiateDeviceAuthorization(config, await bindings(await DPoP.calculateThumbprint()));
      const polled = openid.pollDeviceAuthorizationGrant(config, codes, undefined, { DPoP });
      await world().owner.approve({ userCode: codes.user_code });
      const tokens = await polled;
      expect(tokens.token_type).toBe('dpop');

      const read = (token: string) =>
        openid.fetchProtectedResource(config, token, new URL('/device', world().origin), 'GET', undefined, undefined, {
          DPoP,
        });
      expect((await read(tokens.access_token)).status).toBe(200);
      const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP });
      expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
      expect((await read(refreshed.access_token)).status).toBe(200);
      await openid.tokenRevocation(config, refreshed.refresh_token ?? '');
      await expect(read(refreshed.access_token)).rejects.toMatchObject({ status: 401 });
      await expect(
        openid.refreshTokenGrant(config, refreshed.refresh_token ?? '', undefined, { DPoP }),
      ).rejects.toMatchObject({
        error: 'invalid_grant',
      });
    });
  });
}
