// The one thing that a page cannot do by itself: call for a passkey (WebAuthn, section 5.1), and put its answer into the form.
(() => {
  const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const encode = (bytes) =>
    btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(''))
      .replace(/\+/g, '-')
      .replace(/\//g, '_')
      .replace(/=+$/, '');
  const decodeIds = (list) => (list || []).map((known) => ({ ...known, id: decode(known.id) }));

  // By hand, not by toJSON(): older browsers have none, and that of some password managers is broken.
  async function create(options) {
    const made = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: decode(options.challenge),
        user: { ...options.user, id: decode(options.user.id) },
        excludeCredentials: decodeIds(options.excludeCredentials),
      },
    });
    const { response } = made;
    return describe(made, {
      attestationObject: encode(response.attestationObject),
      transports: response.getTransports ? response.getTransports() : [],
    });
  }

  async function get(options) {
    const used = await navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: decode(options.challenge),
        allowCredentials: decodeIds(options.allowCredentials),
      },
    });
    const { response } = used;
    return describe(used, {
      authenticatorData: encode(response.authenticatorData),
      signature: encode(response.signature),
      userHandle: response.userHandle ? encode(response.userHandle) : '',
    });
  }

  const describe = (credential, answer) => ({
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { clientDataJSON: encode(credential.response.clientDataJSON), ...answer },
  });

  const explain = (error) => {
    if (error.name === 'InvalidStateError') return 'This device has a passkey for this edge already.';
    if (error.name === 'NotAllowedError')
      return 'Nothing was confirmed: it was cancelled, or took too long. Try again.';
    if (error.name === 'SecurityError')
      return 'Passkeys do not work at this address. Open the page by its https:// name.';
    if (error.name === 'NotSupportedError' || error.name === 'ConstraintError')
      return 'This device cannot make such a passkey. It needs a screen lock, a fingerprint, a face or a PIN.';
    return 'That did not work. Try again, or use another device.';
  };

  for (const form of document.querySelectorAll('form[data-passkey]')) {
    const button = form.querySelector('button');
    const says = form.querySelector('[role="status"]');
    const ask = async () => {
      if (button.getAttribute('aria-disabled') === 'true') return;
      if (!window.PublicKeyCredential) {
        says.textContent = 'This browser knows no passkeys. Update it, or use another one.';
        return;
      }
      button.setAttribute('aria-disabled', 'true');
      says.textContent = 'Waiting for your passkey…';
      try {
        const call = form.dataset.passkey === 'create' ? create : get;
        form.elements.credential.value = JSON.stringify(await call(JSON.parse(form.dataset.options)));
        says.textContent = 'Thank you. One moment…';
        form.submit();
      } catch (error) {
        says.textContent = explain(error);
        button.removeAttribute('aria-disabled');
      }
    };
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void ask();
    });
  }

  // A page that comes back out of the browser's memory has a challenge that was answered.
  window.addEventListener('pageshow', (event) => event.persisted && location.reload());
})();
