// SPDX-License-Identifier: MIT
import { createHash, createPrivateKey, createPublicKey, hkdfSync, randomBytes } from 'node:crypto';
import type { SshCredentials } from './session.js';

/** Name of the key type in the ssh protocol (RFC 8709). */
const KEY_TYPE = 'ssh-ed25519';

/** The two 32-byte halves of an ed25519 key (RFC 8032). */
export interface Ed25519Key {
  readonly seed: Buffer;
  readonly publicKey: Buffer;
}

/** Keys of one testbed: a key with which root logs in on all nodes, and a host key for each node. */
export interface TestbedKeys {
  readonly login: Ed25519Key;
  /** `hosts[0]` is node1's. */
  readonly hosts: readonly Ed25519Key[];
  /** 32 bytes with which the nodes' ElasticOS managers authenticate each other. */
  readonly managers: Buffer;
}

/**
 * Makes the keys for a testbed of `nodes` nodes. The same `seed` gives the same keys, whatever the number of nodes, which
 * runs in virtual time need. Without a seed they are random.
 */
export function makeTestbedKeys(nodes: number, seed: string | Buffer = randomBytes(32)): TestbedKeys {
  const derive = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', seed, 'elasticos-testbed', purpose, 32));
  return {
    login: ed25519Key(derive('login')),
    hosts: Array.from({ length: nodes }, (_, index) => ed25519Key(derive(`host ${index + 1}`))),
    managers: derive('managers'),
  };
}

/** What a session with node `index` (1 is the first) needs. */
export function credentialsOf(keys: TestbedKeys, index: number): SshCredentials {
  const host = keys.hosts[index - 1];
  if (host === undefined) throw new RangeError(`no keys were made for node ${index}`);
  return { privateKey: openSshPrivateKey(keys.login), hostKey: openSshPublicKey(host) };
}

/** PKCS #8 wrapping of an ed25519 seed (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The key that belongs to a 32-byte seed. */
export function ed25519Key(seed: Buffer): Ed25519Key {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const info = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { seed, publicKey: info.subarray(-32) };
}

/** `ssh-ed25519 AAAA...`, as in authorized_keys and known_hosts. */
export function openSshPublicKey(key: Ed25519Key): string {
  return `${KEY_TYPE} ${publicBlob(key).toString('base64')}`;
}

/**
 * An unencrypted private key file as ssh-keygen writes it (OpenSSH, PROTOCOL.key). ssh-keygen's check number is random.
 * Here it is taken from the key, so that the same key gives the same text.
 */
export function openSshPrivateKey(key: Ed25519Key, comment = 'testbed'): string {
  const check = createHash('sha256').update(key.publicKey).digest().subarray(0, 4);
  const secret = Buffer.concat([
    check,
    check,
    string(KEY_TYPE),
    string(key.publicKey),
    string(Buffer.concat([key.seed, key.publicKey])),
    string(comment),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    string('none'),
    string('none'),
    string(''),
    uint32(1),
    string(publicBlob(key)),
    string(Buffer.concat([secret, padding])),
  ]);
  const lines = file.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}

/**
 * A host key file for dropbear: the type's name, then seed and public key as one string. A guest that has one need not
 * make its own, which takes time.
 */
export function dropbearHostKey(key: Ed25519Key): Buffer {
  return Buffer.concat([string(KEY_TYPE), string(Buffer.concat([key.seed, key.publicKey]))]);
}

/** The public key as the ssh protocol carries it. */
export function publicBlob(key: Ed25519Key): Buffer {
  return Buffer.concat([string(KEY_TYPE), string(key.publicKey)]);
}

/** `string` of RFC 4251, section 5. */
function string(content: string | Buffer): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
