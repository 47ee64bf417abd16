/** `GET /.well-known/oauth-authorization-server` (RFC 8414): where everything is, and what is spoken there. */
import type { Context } from 'hono';
import { deviceCodeGrant, deviceScope, oauthPaths } from '../../shared/api/oauth.ts';
import { type EdgeContext, readOrigin } from '../environment.ts';
import { answerJson } from '../guard/answer.ts';

export function showMetadata(c: Context<EdgeContext>): Response {
  const issuer = readOrigin(c.env, c.req.url);
  return answerJson(200, {
    issuer,
    device_authorization_endpoint: `${issuer}${oauthPaths.deviceAuthorization}`,
    token_endpoint: `${issuer}${oauthPaths.token}`,
    revocation_endpoint: `${issuer}${oauthPaths.revocation}`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    scopes_supported: [deviceScope],
    // No authorization endpoint, so no response type; the member is required all the same.
    response_types_supported: [],
    grant_types_supported: [deviceCodeGrant, 'refresh_token'],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    dpop_signing_alg_values_supported: ['Ed25519'],
  });
}
