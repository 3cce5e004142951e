// quiche serves files: server.mjs MODULE HOST PORT CERTIFICATE KEY FOLDER. GET and HEAD, one range.
import { readFileSync } from 'node:fs';

const [modulePath, host, port, certificate, key, folder] = process.argv.slice(2);
const { createSecureServer } = await import(modulePath);

function answer(stream, headers) {
  let body;
  try {
    body = readFileSync(folder + headers[':path']);
  } catch {
    stream.respond({ ':status': '404', 'content-length': '0' }, { endStream: true });
    return;
  }
  const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '');
  const fields = { ':status': '200', 'accept-ranges': 'bytes' };
  if (range) {
    const [first, last] = [Number(range[1]), Number(range[2])];
    fields[':status'] = '206';
    fields['content-range'] = `bytes ${first}-${last}/${body.length}`;
    body = body.subarray(first, last + 1);
  }
  fields['content-length'] = String(body.length);
  if (headers[':method'] === 'HEAD') {
    stream.respond(fields, { endStream: true });
    return;
  }
  stream.respond(fields);
  stream.end(body);
}

const server = createSecureServer({
  key: readFileSync(key, 'utf8'), cert: readFileSync(certificate, 'utf8'), disableRetry: true,
  runtimeMode: 'portable', initialMaxStreamsBidi: 1000,
}, answer);
server.on('error', (problem) => console.error(String(problem)));
server.listen(Number(port), host);
