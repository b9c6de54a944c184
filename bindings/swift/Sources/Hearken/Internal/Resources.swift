import Foundation

/// What the package declares to the App Store: it tracks nobody.
package let privacyManifest: URL? = Bundle.module.url(forResource: "PrivacyInfo", withExtension: "xcprivacy")
