import { gathered } from './gathered'

export default gathered(import.meta.glob('./en/*.ts', { eager: true }))
