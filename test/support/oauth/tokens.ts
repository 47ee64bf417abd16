/** Token families as decision 051 has them: a refresh token is good once, and the one before it as long as it was not used. */
import { randomBytes } from 'node:crypto';

export interface Family {
  deviceId: string;
  current: string;
  previous: string | undefined;
  access: string;
  alive: boolean;
}

const make = (prefix: string): string => `${prefix}${randomBytes(32).toString('base64url')}`;

export function createTokens(accessSeconds: () => number) {
  const families: Family[] = [];
  /** Which refresh tokens were ever given, and by whom. */
  const given = new Map<string, Family>();

  function issue(family: Family): Record<string, unknown> {
    family.current = make('pryx_rt_');
    family.access = make('at.');
    given.set(family.current, family);
    return {
      access_token: family.access,
      token_type: 'DPoP',
      expires_in: accessSeconds(),
      refresh_token: family.current,
      scope: 'device',
    };
  }

  return {
    families,
    begin(deviceId: string): Record<string, unknown> {
      for (const family of families) family.alive = false;
      const family: Family = { deviceId, current: '', previous: undefined, access: '', alive: true };
      families.push(family);
      return issue(family);
    },
    /** `undefined`: invalid_grant. */
    refresh(token: string, deviceId: string): Record<string, unknown> | undefined {
      const family = given.get(token);
      if (family === undefined || !family.alive || family.deviceId !== deviceId) return undefined;
      if (token === family.current) family.previous = token;
      else if (token !== family.previous) {
        family.alive = false;
        return undefined;
      }
      return issue(family);
    },
    accessOf: (token: string): Family | undefined => families.find(({ alive, access }) => alive && access === token),
    revokeAll(): void {
      for (const family of families) family.alive = false;
    },
  };
}
