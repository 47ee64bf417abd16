/** The EdgeSocket over `ws`. */
import { WebSocket } from 'ws';
import { maxFrameBytes } from '../../shared/wire/limits.ts';
import type { OpenEdgeSocket } from '../core/edge-socket.ts';
import { readErrorCode } from './edge-api.ts';

const handshakeTimeoutMs = 10_000;
/** An error of ours is far shorter; of anything else the status has to do. */
const longestError = 4096;

export const openWebSocket: OpenEdgeSocket = (url, { protocol, headers }, events) => {
  const socket = new WebSocket(url, protocol, {
    headers,
    handshakeTimeout: handshakeTimeoutMs,
    maxPayload: maxFrameBytes,
    // A job is random to a compressor: compression would cost memory and gain nothing.
    perMessageDeflate: false,
    followRedirects: false,
  });
  let message = 'The connection was closed.';
  let status: number | undefined;
  let errorCode: string | undefined;

  socket.on('open', () => events.opened());
  socket.on('message', (data, isBinary) => {
    if (isBinary) socket.close(1003, 'text frames only');
    else events.received(data.toString());
  });
  socket.on('unexpected-response', (request, response) => {
    status = response.statusCode;
    message = `The edge answered ${status} instead of opening the link.`;
    let text = '';
    // `ws` leaves the rest to whoever listens here: this ends the attempt.
    const end = (): void => {
      errorCode = text.length > longestError ? undefined : readErrorCode(text);
      request.destroy();
      socket.terminate();
    };
    const late = setTimeout(end, handshakeTimeoutMs);
    response.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (text.length > longestError) response.destroy();
    });
    response
      .on('error', () => undefined)
      .once('close', () => {
        clearTimeout(late);
        end();
      });
  });
  socket.on('error', (error: Error & { code?: string }) => {
    if (status === undefined) message = `The connection failed (${error.code ?? 'protocol error'}).`;
  });
  socket.on('close', (code) =>
    events.closed({
      code,
      message,
      ...(status === undefined ? {} : { status }),
      ...(errorCode === undefined ? {} : { errorCode }),
    }),
  );

  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close(code, reason) {
      socket.close(code, reason);
      // A peer that does not answer the close must not hold the link down.
      setTimeout(() => socket.terminate(), 2_000).unref();
    },
  };
};
