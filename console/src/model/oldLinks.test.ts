import { expect, it } from 'vitest'
import { placeOfPlan, placeOfRun } from './oldLinks'

it.each([
  ['', {}, '/biz/2/runs/7'],
  ['', { stepInstanceId: '8', retryCount: '0', batch: '3' }, '/biz/2/runs/7/steps/8?attempt=0&batch=3'],
  ['9', { retryCount: '2', batch: '0' }, '/biz/2/runs/7/steps/9?attempt=2'],
  ['9', { retryCount: 'x' }, '/biz/2/runs/7/steps/9'],
  ['', { stepInstanceId: '../../x' }, '/biz/2/runs/7'],
])('step %s with %o leads to %s', (step, query, place) => expect(placeOfRun('biz:2', 7, step, query)).toBe(place))

it('leads to plans', () => expect(placeOfPlan({ scope: 'biz_set:9991001', template_id: 4 }, 5)).toBe('/biz_set/9991001/jobs/4/plans/5'))
