/** What the tokens of a device come from: one family a device, from one pairing to the next (docs/decisions/051, RFC 9700 section 4.14). */
import type { Clock, Random, Sql } from '../../durable/ports.ts';
import { equalBytes } from '../../guard/equal-bytes.ts';
import type { RegisteredDevice } from './device-registry.ts';
import type { DeviceKeeper } from './keep-devices.ts';
import type { MailboxDoors } from './mailbox-doors.ts';
import type { Proofs } from './proofs.ts';
import { familyOf, hashToken, newFamily, newRefreshToken } from './refresh-token.ts';

export interface Admission {
  /** Of the desk: redeemed once. */
  pairingId: string;
  deviceId: string;
  /** JSON of its public X25519 key. */
  sealingKey: string;
  name: string;
  platform: string;
  /** Origin of this edge: the issuer of the device's jobs. */
  origin: string;
}

export type Admitted =
  | { state: 'admitted'; refreshToken: string; pairedAt: number }
  /** `redeemed`: that pairing was used before. `revoked`: its owner put the device out while it came in. `full`: there are 64. */
  | { state: 'redeemed' | 'revoked' | 'full' };

export type Refreshed = { state: 'refreshed'; refreshToken: string } | { state: 'invalid_grant' };

/** Something that was shown to be of a device: a refresh token, or what a verified access token says. */
export type PresentedToken = { refreshToken: string } | { deviceId: string; issuedAt: number };

export interface TokenFamilies {
  /** Takes a proof of the token endpoint, by a key that has a code. Throws `bad_proof`, `rate_limited`. */
  takeProof(proof: { deviceId: string; proofId: string }): void;
  /** Lets in a device that the owner approved: opens its mailbox, then commits device and family at once. What was before, of this device, is dead. */
  admit(admission: Admission): Promise<Admitted>;
  /** One use of a refresh token by the key `deviceId`. Throws `bad_proof`, `rate_limited`. */
  refresh(use: { refreshToken: string; deviceId: string; proofId: string }): Promise<Refreshed>;
  /** Whoever has a token gives the device up (RFC 7009); its messages are kept, since it need not be the device. Tokens that are good for nothing are `unknown`. */
  revokeToken(token: PresentedToken): Promise<'revoked' | 'unknown'>;
}

/** A family that nobody used for so long is dead (RFC 9700, section 4.14.2). */
export const idleFamilyMs = 180 * 24 * 60 * 60 * 1000;
/** Pairings end after ten minutes; then their names are of no use. */
const redeemedMemoryMs = 60 * 60 * 1000;

/** So many answers may be lost, or be late, one after the other. */
const maxUnused = 8;

type Family = { device: string; previous: ArrayBuffer | null; usedAt: number };

export function createTokenFamilies(parts: {
  sql: Sql;
  clock: Clock;
  random: Random;
  devices: DeviceKeeper;
  doors: MailboxDoors;
  proofs: Proofs;
}): TokenFamilies {
  const { sql, clock, random, devices, doors, proofs } = parts;

  const isRedeemed = (pairingId: string): boolean =>
    sql.all('select 1 from redeemed where pairing = ?', pairingId).length > 0;

  const findFamily = (id: string | undefined): Family | undefined =>
    id === undefined
      ? undefined
      : sql.all<Family>('select device, previous, used_at as usedAt from token_family where id = ?', id)[0];

  const isHash = (stored: ArrayBuffer | null, hash: ArrayBuffer): boolean =>
    stored !== null && equalBytes(new Uint8Array(stored), new Uint8Array(hash));

  const isUnused = (family: string, hash: ArrayBuffer): boolean =>
    sql
      .all<{ hash: ArrayBuffer }>('select hash from unused_token where family = ?', family)
      .some((unused) => isHash(unused.hash, hash));

  function give(family: string, hash: ArrayBuffer): void {
    sql.all('insert into unused_token (family, hash) values (?, ?)', family, hash);
    sql.all(
      `delete from unused_token where family = ? and id not in
        (select id from unused_token where family = ? order by id desc limit ?)`,
      family,
      family,
      maxUnused,
    );
  }

  return {
    takeProof: (proof) => proofs.take(proof),

    async admit({ pairingId, deviceId, sealingKey, name, platform, origin }) {
      const family = newFamily(random);
      const { token, hash } = await newRefreshToken(random, family);
      let before: RegisteredDevice | undefined;
      return doors.open<Admitted>(
        { deviceId, sealingKey, origin },
        {
          async refuse() {
            before = devices.find(deviceId);
            if (isRedeemed(pairingId)) return { state: 'redeemed' };
            if (!devices.hasRoomFor(deviceId)) return { state: 'full' };
            // The mailbox tells old access tokens from new ones by the second: none of the old is to be of the new one's.
            if (before !== undefined) await clock.sleep(1000 - (clock.now() % 1000));
            return undefined;
          },
          commit: () =>
            sql.transaction(() => {
              const present = devices.find(deviceId);
              if (present?.state === 'revoked' && present.revokedAt !== before?.revokedAt) return { state: 'revoked' };
              const now = clock.now();
              sql.all('insert into redeemed values (?, ?)', pairingId, now + redeemedMemoryMs);
              devices.pair({ deviceId, name, platform });
              sql.all('delete from token_family where device = ?', deviceId);
              sql.all('insert into token_family values (?, ?, null, ?)', family, deviceId, now);
              give(family, hash);
              return { state: 'admitted', refreshToken: token, pairedAt: now };
            }),
        },
      );
    },

    async refresh({ refreshToken, deviceId, proofId }) {
      const id = familyOf(refreshToken);
      if (id === undefined) return { state: 'invalid_grant' };
      const hash = await hashToken(refreshToken);
      const next = await newRefreshToken(random, id);
      // From here on nothing waits: what is read is what is changed.
      const family = findFamily(id);
      // By another key: of no use, and no reason to put out the device that has the key.
      if (family?.device !== deviceId) return { state: 'invalid_grant' };
      proofs.take({ deviceId, proofId });
      const now = clock.now();
      if (now - family.usedAt > idleFamilyMs) {
        sql.all('delete from token_family where id = ?', id);
        return { state: 'invalid_grant' };
      }
      const first = isUnused(id, hash);
      // Or its answer was lost, or is late: then those given for it are all good until one of them is used, whichever arrived.
      if (!first && !isHash(family.previous, hash)) {
        await devices.revoke({ id: deviceId, because: 'token_reuse' });
        return { state: 'invalid_grant' };
      }
      sql.transaction(() => {
        if (first) sql.all('delete from unused_token where family = ?', id);
        sql.all('update token_family set previous = ?, used_at = ? where id = ?', hash, now, id);
        give(id, next.hash);
      });
      return { state: 'refreshed', refreshToken: next.token };
    },

    async revokeToken(token) {
      const deviceId = 'refreshToken' in token ? await deviceOfRefreshToken(token.refreshToken) : deviceOfAccess(token);
      if (deviceId === undefined) return 'unknown';
      await devices.revoke({ id: deviceId, because: 'token_revoked' });
      return 'revoked';
    },
  };

  async function deviceOfRefreshToken(refreshToken: string): Promise<string | undefined> {
    const hash = await hashToken(refreshToken);
    const id = familyOf(refreshToken);
    const family = findFamily(id);
    if (id === undefined || family === undefined) return undefined;
    return isUnused(id, hash) || isHash(family.previous, hash) ? family.device : undefined;
  }

  /** An access token of an earlier pairing is dead, as it is for the mailbox. */
  function deviceOfAccess({ deviceId, issuedAt }: { deviceId: string; issuedAt: number }): string | undefined {
    const device = devices.find(deviceId);
    return device?.state === 'paired' && issuedAt >= Math.floor(device.pairedAt / 1000) ? deviceId : undefined;
  }
}
