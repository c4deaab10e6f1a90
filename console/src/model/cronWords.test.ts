import { describe, expect, test } from 'vitest'
import { cronWords, fieldsOf } from './cronWords'

const keys = (expression: string) => cronWords(expression)?.map((one) => one.key)
const last = (expression: string) => cronWords(expression)?.at(-1)

describe('a cron expression in words', () => {
  test.each([
    ['* * * * *', ['everyDay', 'everyMinute']],
    ['*/5 * * * *', ['everyDay', 'everyMinutes']],
    ['*/10 9-17 * * 1-5', ['workdays', 'everyMinutesWithin']],
    ['15 * * * *', ['everyDay', 'hourly']],
    ['30 */2 * * *', ['everyDay', 'everyHours']],
    ['30 4 * * *', ['everyDay', 'at']],
    ['0 4 L * *', ['lastDay', 'at']],
    ['0 4 LW * *', ['lastWorkday', 'at']],
    ['0 4 1,15 JAN,7 *', ['monthDays', 'months', 'at']],
    ['0 4 * * 5L', ['lastWeekday', 'at']],
    ['0 4 * * MON#2', ['nthWeekday', 'at']],
    ['0 4 1 * 1', ['monthDays', 'or', 'weekdays', 'at']],
    ['0 4 */2 * 1', ['everyDays', 'andOnlyIf', 'weekdays', 'at']],
    ['0 4 * * 0-7', ['everyDay', 'at']],
  ])('%s', (expression, expected) => expect(keys(expression)).toEqual(expected))

  test('times are written as clocks show them', () => {
    expect(last('5,35 4,16 * * *')?.values).toEqual({ times: '04:05, 04:35, 16:05, 16:35' })
    expect(last('*/10 9-17 * * *')?.values).toEqual({ n: 10, from: '09:00', to: '17:59' })
    expect(last('5/20 * * * *')?.values).toEqual({ minutes: '05, 25, 45' })
  })

  test('Sunday is 0 and 7', () => {
    expect(cronWords('0 0 * * 7')?.[0]?.weekdays).toEqual([0])
    expect(cronWords('0 0 * * SAT,SUN')?.[0]?.weekdays).toEqual([0, 6])
  })

  test.each(['', '* * * *', '@daily', '60 * * * *', '0 0 * * * *', '? * * * *', '0 0 31-1 * *', '0 0 * 13 *', '0-59 0-23 * * *', '1/0 * * * *', '0 4 * * XYZ#1'])(
    'nothing is said of «%s»',
    (expression) => expect(cronWords(expression)).toBeUndefined(),
  )

  test('blanks and small letters do not matter', () => {
    expect(fieldsOf('  0  4 * * mon ')).toEqual(['0', '4', '*', '*', 'MON'])
    expect(keys('0 4 * * mon')).toEqual(['weekdays', 'at'])
  })
})
