/** Learns where an edge pairs devices (RFC 8414) and which keys sign there, before anything is told to it. */
import { jwksResponse } from '../../../shared/api/edge.ts';
import { deviceCodeGrant, oauthPaths, serverMetadata } from '../../../shared/api/oauth.ts';
import { PryxError } from '../../../shared/error.ts';
import { readJson } from '../../../shared/read-json.ts';
import { type SigningJwk, checkSigningJwk } from '../../../shared/wire/signature.ts';
import type { Clock } from '../../core/clock.ts';
import { askEdge, checkClock } from '../ask-edge.ts';
import type { EdgeRequest } from '../request.ts';

export interface DiscoverDeps {
  /** An address that may be asked: `readEdgeOrigin`. */
  origin: string;
  request: EdgeRequest;
  clock: Clock;
  signal: AbortSignal;
}

export interface EdgeDescription {
  deviceAuthorizationEndpoint: string;
  tokenEndpoint: string;
  keys: PublishedKeys;
}

export interface PublishedKeys {
  /** To be pinned: only these may sign jobs. */
  pinnedKeys: SigningJwk[];
  /** Number of the last statement about them (decision 052). */
  statement: number;
}

/** Throws `edge_unreachable` for whatever is no edge that can pair this device, and `clock_wrong`. */
export async function discoverEdge(deps: DiscoverDeps): Promise<EdgeDescription> {
  const { origin } = deps;
  const parsed = serverMetadata.safeParse(await getJson(deps, `${origin}${oauthPaths.metadata}`));
  if (!parsed.success) throw noEdge(origin, 'does not describe itself as an edge does');
  const metadata = parsed.data;
  // RFC 8414, section 3.3: otherwise one server could speak for another.
  if (metadata.issuer !== origin) throw noEdge(origin, 'says that it is another one');
  const endpoints = [metadata.device_authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri];
  if (endpoints.some((endpoint) => new URL(endpoint).origin !== origin))
    throw noEdge(origin, 'sends its devices to another server');
  if (
    !metadata.grant_types_supported.includes(deviceCodeGrant) ||
    !metadata.dpop_signing_alg_values_supported.includes('Ed25519')
  )
    throw noEdge(origin, 'does not pair devices in a way that this version knows');
  return {
    deviceAuthorizationEndpoint: metadata.device_authorization_endpoint,
    tokenEndpoint: metadata.token_endpoint,
    keys: await fetchKeys(deps, metadata.jwks_uri),
  };
}

async function fetchKeys(deps: DiscoverDeps, uri: string): Promise<PublishedKeys> {
  const parsed = jwksResponse.safeParse(await getJson(deps, uri));
  if (!parsed.success) throw noEdge(deps.origin, 'does not publish keys as an edge does');
  try {
    return { pinnedKeys: parsed.data.keys.map(checkSigningJwk), statement: parsed.data.statement };
  } catch (cause) {
    throw new PryxError('bad_key', `The edge at ${deps.origin} publishes a key that anybody could sign for.`, {
      hint: 'Do not pair with it; make it new keys with `pryx edge keygen`.',
      cause,
    });
  }
}

async function getJson({ origin, request, clock, signal }: DiscoverDeps, url: string): Promise<unknown> {
  const answer = await askEdge(request, ['GET', url, { accept: 'application/json' }, undefined, signal]);
  checkClock(clock, answer);
  if (answer.status !== 200) throw noEdge(origin, `answered ${answer.status} where an edge describes itself`);
  return readJson(answer.text);
}

const noEdge = (origin: string, what: string): PryxError =>
  new PryxError('edge_unreachable', `The server at ${origin} ${what}.`, {
    hint: 'Check the address: it is what `wrangler deploy` printed. An edge of an older version must be deployed again.',
  });
