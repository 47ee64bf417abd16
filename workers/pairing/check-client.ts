/** Who asks at an OAuth endpoint: there is one client, a public one, which says its name and proves nothing by it (RFC 6749, section 2.1). */
import { deviceClientId, deviceScope } from '../../shared/api/oauth.ts';
import { OAuthError } from './oauth-error.ts';
import type { Form } from './read-form.ts';

/** Throws `invalid_client`; a client that proves itself by a secret is another one. */
export function checkClient(headers: Headers, form: Form): void {
  if (headers.has('authorization') || 'client_secret' in form || 'client_assertion' in form)
    throw new OAuthError('invalid_client', 'The client has no secret and does not authenticate.');
  if (form['client_id'] === undefined) throw new OAuthError('invalid_request', 'client_id is missing.');
  if (form['client_id'] !== deviceClientId) throw new OAuthError('invalid_client', 'There is no such client.');
}

/** The one scope there is, or none (RFC 6749, section 3.3). Throws `invalid_scope`. */
export function checkScope({ scope }: Form): void {
  if (scope !== undefined && scope !== deviceScope) throw new OAuthError('invalid_scope', 'The one scope is: device.');
}
