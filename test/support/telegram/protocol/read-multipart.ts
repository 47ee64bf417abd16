/** multipart/form-data (RFC 7578), also as loosely written as grammY does it: small letters, file names without quotes. */
import { badRequest } from './bot-api-error.ts';

export interface UploadedFile {
  name: string;
  bytes: Buffer;
}

export interface MultipartBody {
  params: Record<string, unknown>;
  files: Map<string, UploadedFile>;
}

export function readMultipart(body: Buffer, contentType: string): MultipartBody {
  const [, quoted, bare] = /boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) throw badRequest('boundary not found');
  const params: Record<string, unknown> = {};
  const files = new Map<string, UploadedFile>();
  for (const part of splitParts(body, boundary)) {
    const end = part.indexOf('\r\n\r\n');
    if (end < 0) throw badRequest('headers in multipart/form-data are empty');
    const disposition = /content-disposition:\s*form-data\s*;(.*)/i.exec(part.toString('utf8', 0, end))?.[1];
    const name = disposition === undefined ? undefined : readAttribute(disposition, 'name');
    if (disposition === undefined || name === undefined)
      throw badRequest('field name in multipart/form-data not found');
    const fileName = readAttribute(disposition, 'filename');
    const content = part.subarray(end + 4);
    if (fileName === undefined) params[name] = content.toString('utf8');
    else files.set(name, { name: fileName, bytes: content });
  }
  return { params, files };
}

/** What lies between the delimiters `CRLF--boundary`; the first one may stand at the very start (RFC 2046, section 5.1.1). */
function* splitParts(body: Buffer, boundary: string): Generator<Buffer> {
  const delimiter = `--${boundary}`;
  let start = body.indexOf(delimiter);
  if (start < 0) throw badRequest('boundary not found');
  start += delimiter.length;
  while (body.toString('latin1', start, start + 2) !== '--') {
    const end = body.indexOf(`\r\n${delimiter}`, start);
    if (end < 0) throw badRequest('unexpected end of multipart/form-data');
    yield body.subarray(body.toString('latin1', start, start + 2) === '\r\n' ? start + 2 : start, end);
    start = end + 2 + delimiter.length;
  }
}

function readAttribute(disposition: string, name: string): string | undefined {
  const [, quoted, bare] =
    new RegExp(`(?:^|;)\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^;\\r\\n]*))`, 'i').exec(disposition) ?? [];
  return quoted ?? bare?.trim();
}
