/** The kinds of credentials, and which secrets each holds. */

export const KINDS = ['access_key', 'username_password', 'password', 'secret_key'] as const
export type Kind = (typeof KINDS)[number]
export type SecretName = 'access_key' | 'secret_key' | 'username' | 'password'

export const SECRETS: Readonly<Record<Kind, readonly SecretName[]>> = {
  access_key: ['access_key', 'secret_key'],
  username_password: ['username', 'password'],
  password: ['password'],
  secret_key: ['secret_key'],
}
