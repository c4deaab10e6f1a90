export default { menu: 'Home', title: 'Home' }
