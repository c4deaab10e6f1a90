import { gathered } from './gathered'

export default gathered(import.meta.glob('./zh/*.ts', { eager: true }))
