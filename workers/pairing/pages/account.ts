/** `/account`: everything the owner has here, and the forms to put it in order. */
import { PryxError } from '../../../shared/error.ts';
import { cleanName } from '../../../shared/pairing/names.ts';
import { read } from '../../durable/answer.ts';
import { seeOther } from '../../guard/answer.ts';
import { askMailbox } from '../../mailbox/ask.ts';
import type { RegisteredDevice } from '../account/device-registry.ts';
import { checkCsrf, readForm, sessionCsrf } from './read-form.ts';
import { type Owner, requireOwner, show } from './respond.ts';
import { home } from './return-path.ts';
import { viewAccount } from './views/account.ts';
import type { DeviceCard } from './views/devices.ts';
import { viewRecoveryCodes } from './views/gates.ts';
import type { Visitor } from './visitor.ts';

export async function showAccount(visitor: Visitor): Promise<Response> {
  const owner = requireOwner(visitor, 'look', home);
  if (owner instanceof Response) return owner;
  const { account, session, now, c } = owner;
  const [devices, overview, csrf] = await Promise.all([
    read(account.devices()).then((list) => Promise.all(list.map((device) => withContact(owner, device)))),
    read(account.overview({ session: session.digest })),
    sessionCsrf(owner),
  ]);
  const { recovered } = session;
  return show(owner, viewAccount({ csrf, devices, overview, recovered, now, done: c.req.query('done') ?? null }));
}

type Change = (owner: Owner, field: (name: string) => string) => Promise<Response>;

/** What each form of the page does, by its hidden field `change`. */
const changes: Readonly<Record<string, { need: 'act' | 'decide'; make: Change }>> = {
  'rename-device': {
    need: 'act',
    async make({ account }, field) {
      const name = cleanName(field('name').slice(0, 1024));
      if (name === '') throw new PryxError('bad_request', 'A device needs a name.');
      await read(account.renameDevice({ deviceId: field('device_id'), name, by: { kind: 'owner' } }));
      return seeOther(`${home}?done=device-renamed`);
    },
  },
  // Not behind the passkey: who has to shut a device out has no time to lose.
  'revoke-device': {
    need: 'act',
    async make({ account }, field) {
      await read(account.revokeDevice({ deviceId: field('device_id'), by: { kind: 'owner' } }));
      return seeOther(`${home}?done=device-revoked`);
    },
  },
  'rename-passkey': {
    need: 'act',
    async make({ account, session }, field) {
      await read(
        account.renamePasskey({ session: session.digest, id: field('passkey_id'), name: field('name').slice(0, 1024) }),
      );
      return seeOther(`${home}?done=passkey-renamed`);
    },
  },
  'remove-passkey': {
    need: 'decide',
    async make({ account, session }, field) {
      await read(account.removePasskey({ session: session.digest, id: field('passkey_id') }));
      return seeOther(`${home}?done=passkey-removed`);
    },
  },
  'new-recovery-codes': {
    need: 'decide',
    async make(owner) {
      const codes = await read(owner.account.renewRecoveryCodes({ session: owner.session.digest }));
      return show(owner, viewRecoveryCodes({ codes, continuePath: home, first: false }));
    },
  },
};

export async function changeAccount(visitor: Visitor): Promise<Response> {
  const fields = await readForm(visitor.c.req.raw, visitor.origin);
  const change = new Map(Object.entries(changes)).get(fields('change'));
  if (change === undefined) throw new PryxError('bad_request', 'This form is none of this page.');
  const owner = requireOwner(visitor, change.need, home);
  if (owner instanceof Response) return owner;
  await checkCsrf(owner, fields);
  return change.make(owner, fields);
}

/** A mailbox that does not answer leaves a gap in the page, and no more. */
async function withContact({ c }: Owner, device: RegisteredDevice): Promise<DeviceCard> {
  if (device.state === 'revoked') return { ...device, contact: null };
  return { ...device, contact: await read(askMailbox(c.env, device.deviceId).contact()).catch(() => null) };
}
