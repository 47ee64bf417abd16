/** What a grant at the token endpoint yields, whichever it is. */

export interface Granted {
  refreshToken: string;
  /** Milliseconds since the epoch: the access token may not look older than the pairing that it is of. */
  notBefore: number;
}
