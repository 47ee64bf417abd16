/** All suites against one edge in workerd. */
import { afterAll, beforeAll } from 'vitest';
import { describeAccessTokens } from './access-tokens.ts';
import { describeDeviceAuthorization } from './device-authorization.ts';
import { describeIndependentClients } from './independent-clients.ts';
import { describeMetadata } from './metadata.ts';
import { describePages } from './pages.ts';
import { describePolling } from './polling.ts';
import { describeProofs } from './proofs.ts';
import { describeProtectedResource } from './protected-resource.ts';
import { describeRefreshing } from './refreshing.ts';
import { describeRevoking } from './revoking.ts';
import { type World, openWorld } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

for (const describeSuite of [
  describeMetadata,
  describeDeviceAuthorization,
  describePages,
  describePolling,
  describeProofs,
  describeAccessTokens,
  describeProtectedResource,
  describeRefreshing,
  describeRevoking,
  describeIndependentClients,
]) {
  describeSuite(() => world);
}
