// @ts-check

export const authors = [
  { id: 'ursula', name: 'Ursula Brown' },
  { id: 'bjorn', name: 'Björn Arctos' },
]

export const articles = [
  {
    id: '1',
    author: 'ursula',
    title: 'A sleuth is a group of bears',
    text: 'Also one who searches and finds.',
  },
  { id: '2', author: 'bjorn', title: 'How to wake up in spring', text: 'Slowly, and with berries.' },
]

export const comments = [
  { id: '1', article: '1', by: 'Baloo', text: 'I thought it was a detective.' },
  { id: '2', article: '1', by: 'Paddington', text: 'I have been called both.' },
  { id: '3', article: '2', by: 'Winnie', text: 'With honey, surely.' },
]

/**
 * What article-service makes of the three.
 *
 * @typedef {Omit<typeof articles[number], 'author'> & { author: typeof authors[number], comments: typeof comments }} Page
 */
