/** Passwords of eight characters and more that every guessing list begins with; shorter ones are refused anyway. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `12345678 123456789 1234567890 password password1 password12 password123 password1234 passw0rd p@ssw0rd p@ssword
  qwertyui qwertyuiop qwerty123 qwerty1234 1q2w3e4r 1q2w3e4r5t 1qaz2wsx zaq12wsx q1w2e3r4 qazwsxedc asdfghjk asdfghjkl
  iloveyou iloveyou1 sunshine princess football baseball superman trustno1 starwars whatever computer internet
  michelle jennifer jessica1 charlie1 liverpool chocolate butterfly mustang1 corvette mercedes maverick midnight
  letmein1 letmein123 welcome1 welcome123 changeme changeme1 changeme123 administrator admin123 admin1234 admin12345
  adminadmin rootroot root1234 toor1234 test1234 testtest testing123 default1 default123 secret123 secretsecret
  abcd1234 abc12345 abcdefgh abcdefghi a1b2c3d4 aa123456 11111111 111111111 00000000 88888888 87654321 987654321
  0987654321 11223344 12341234 123123123 12344321 13131313 66666666 77777777 99999999 blink182 metallica pokemon1
  monkey123 dragon123 master123 shadow123 michael1 jordan23 hunter22 batman123 flotilla flotilla1 flotilla123 gpugpugpu
  summer2024 summer2025 summer2026 winter2024 winter2025 winter2026 spring2025 spring2026 autumn2025 autumn2026`
    .split(/\s+/)
    .filter(Boolean),
);
