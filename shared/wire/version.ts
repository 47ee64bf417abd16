/** The version of the link. A breaking change of frames or jobs is a new subprotocol name; both are served for a release. */

/** WebSocket subprotocol (RFC 6455, section 1.9) that both sides must agree on. */
export const linkProtocol = 'pryx.link.v1';

/** Heartbeat texts: the edge answers `ping` without waking the Durable Object. */
export const heartbeat = { ping: 'ping', pong: 'pong' } as const;
